{{- /* The agent's configuration: what the values say, and .Values.config merged over it. */ -}}
{{- define "hopspan.config" -}}
{{- $observer := dict "node" "${env:K8S_NODE_NAME}" -}}
{{- if .Values.vports.processes -}}
{{- $_ := set $observer "processes" true -}}
{{- end -}}
{{- if .Values.vports.criSocket -}}
{{- $_ := set $observer "cri_socket" (printf "unix://%s" .Values.vports.criSocket) -}}
{{- end -}}
{{- $prometheus := dict "host" "${env:POD_IP}" "port" (int .Values.ports.metrics) -}}
{{- $made := dict
  "receivers" (dict "ebpf_hops" (dict "observer" "k8s_observer"))
  "processors" (dict "k8s_attributes" (dict) "budget" (dict))
  "exporters" (dict "otlp_grpc" (dict "endpoint" .Values.otlp.endpoint))
  "extensions" (dict
    "health_check" (dict "endpoint" (printf "127.0.0.1:%d" (int .Values.ports.health)))
    "k8s_observer" $observer)
  "service" (dict "telemetry" (dict "metrics" (dict "readers" (list
    (dict "pull" (dict "exporter" (dict "prometheus" $prometheus)))))))
-}}
{{- mustMergeOverwrite $made (deepCopy .Values.config) | toYaml -}}
{{- end -}}

{{- /* The agent's configuration: what the values say, and .Values.config merged over it. */ -}}
{{- define "hopspan.config" -}}
{{- $k8s := dict "node" "${env:K8S_NODE_NAME}" -}}
{{- if .Values.vports.processes -}}
{{- $_ := set $k8s "processes" true -}}
{{- end -}}
{{- if .Values.vports.criSocket -}}
{{- $_ := set $k8s "cri" (dict "endpoint" (printf "unix://%s" .Values.vports.criSocket)) -}}
{{- end -}}
{{- $receiver := dict -}}
{{- if .Values.pods -}}
{{- $_ := set $receiver "pods" .Values.pods -}}
{{- end -}}
{{- $prometheus := dict "host" "${env:POD_IP}" "port" (int .Values.ports.metrics) -}}
{{- $made := dict
  "receivers" (dict "ebpf_hops" $receiver)
  "processors" (dict "k8s_attributes" $k8s "budget" (dict))
  "exporters" (dict "otlp_grpc" (dict "endpoint" .Values.otlp.endpoint))
  "extensions" (dict "health_check" (dict "endpoint" (printf "127.0.0.1:%d" (int .Values.ports.health))))
  "service" (dict "telemetry" (dict "metrics" (dict "readers" (list
    (dict "pull" (dict "exporter" (dict "prometheus" $prometheus)))))))
-}}
{{- mustMergeOverwrite $made (deepCopy .Values.config) | toYaml -}}
{{- end -}}

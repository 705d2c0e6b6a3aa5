// SPDX-License-Identifier: Apache-2.0
import { Server, ServerCredentials, type ServiceDefinition, type ServiceError, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/* The fields of OTLP's trace service that the tests look at; protobuf skips the rest. */
const proto = new URL('./fixtures/trace-service.proto', import.meta.url).pathname;

interface ExportRequest {
  resourceSpans: { scopeSpans: { spans: { spanId: Buffer; traceId: Buffer; name: string }[] }[] }[];
}
type Callback = (error: Partial<ServiceError> | null, response?: object) => void;

/** A real OTLP/gRPC trace receiver on loopback that can be stopped and started again on its port. */
export class OtlpServer {
  readonly spanIds = new Set<string>();
  /** Spans whose id had been received before. */
  duplicates = 0;
  requests = 0;
  metadata: Record<string, unknown>[] = [];
  /** Answers the next requests with these errors. */
  readonly failures: Partial<ServiceError>[] = [];
  #server: Server | undefined;
  #port = 0;

  get endpoint(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  async start(): Promise<void> {
    const definition = loadSync(proto)[
      'opentelemetry.proto.collector.trace.v1.TraceService'
    ] as ServiceDefinition;
    const server = new Server();
    server.addService(definition, {
      Export: (
        call: { request: ExportRequest; metadata: { getMap(): Record<string, unknown> } },
        callback: Callback,
      ) => {
        this.metadata.push(call.metadata.getMap());
        this.#receive(call.request, callback);
      },
    });
    this.#port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(`127.0.0.1:${this.#port}`, ServerCredentials.createInsecure(), (error, port) =>
        error === null ? resolve(port) : reject(error),
      );
    });
    this.#server = server;
  }

  /** Stops at once: connections are cut, calls under way fail. */
  stop(): void {
    this.#server?.forceShutdown();
    this.#server = undefined;
  }

  #receive(request: ExportRequest, callback: Callback): void {
    this.requests += 1;
    const failure = this.failures.shift();
    if (failure !== undefined) {
      callback({ code: status.UNKNOWN, ...failure });
      return;
    }
    for (const { scopeSpans } of request.resourceSpans) {
      for (const { spans } of scopeSpans) for (const span of spans) this.#count(span.spanId.toString('hex'));
    }
    callback(null, {});
  }

  #count(spanId: string): void {
    if (this.spanIds.has(spanId)) this.duplicates += 1;
    this.spanIds.add(spanId);
  }
}

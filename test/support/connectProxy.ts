/** A real proxy on the loopback interface that tunnels (`CONNECT`) and nothing else. */
import { createServer } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

export interface ConnectProxy {
  readonly url: string;
  /** Hosts with port that tunnels were asked for, and the credentials that came along. */
  readonly tunnels: { readonly host: string; readonly authorization: string | undefined }[];
  close(): Promise<void>;
}

/** @param authorization what `Proxy-Authorization` must be; anything will do by default */
export async function startConnectProxy(authorization?: string): Promise<ConnectProxy> {
  const tunnels: ConnectProxy['tunnels'] = [];
  const sockets = new Set<Socket>();
  const server = createServer((_request, response) => void response.writeHead(405).end());
  server.on('connect', (request, client: Socket, head: Buffer) => {
    const given = request.headers['proxy-authorization'];
    tunnels.push({ host: request.url ?? '', authorization: given });
    if (authorization !== undefined && given !== authorization) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const { hostname, port } = new URL(`http://${request.url}`);
    const upstream = connect(Number(port || 80), hostname, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      // Ends of tunnels are cut by either side at will.
      socket.on('error', () => client.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tunnels,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
        server.closeAllConnections();
      }),
  };
}

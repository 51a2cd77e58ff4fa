import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Keeps the connections of a server at `most`. The one that has waited longest without a request makes room for a new one,
 * so that health checks get through while somebody holds hundreds of silent connections open.
 */
export function boundConnections(server: Server, most: number): void {
  /** Connections without a request under way, the longest waiting first. */
  const waiting = new Set<Socket>();
  let open = 0;
  server.on('connection', (socket: Socket) => {
    open++;
    waiting.add(socket);
    socket.on('close', () => {
      open--;
      waiting.delete(socket);
    });
    if (open > most) waiting.values().next().value?.destroy();
  });
  server.on('request', ({ socket }, response) => {
    waiting.delete(socket);
    response.on('close', () => {
      if (!socket.destroyed) waiting.add(socket);
    });
  });
}

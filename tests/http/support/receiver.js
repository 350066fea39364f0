// A server outside: it answers what the test says, and remembers what came.
import http from 'node:http';
import { until } from './site.js';

export class Receiver {
  /** answer: (request) => ({status, headers, body, hold}); hold: a promise to wait for. */
  static async start(answer = () => ({ status: 200 })) {
    const receiver = new Receiver();
    receiver.answer = answer;
    receiver.requests = [];
    receiver.server = http.createServer((request, response) => {
      const chunks = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', async () => {
        const seen = { method: request.method, path: request.url, headers: request.headers, body: Buffer.concat(chunks).toString('utf8') };
        receiver.requests.push(seen);
        const { status = 200, headers = {}, body = '', hold } = await receiver.answer(seen, receiver.requests.length);
        if (hold) await hold;
        response.writeHead(status, headers);
        response.end(body);
      });
    });
    await new Promise((resolve) => { receiver.server.listen(0, '127.0.0.1', resolve); });
    receiver.port = receiver.server.address().port;
    receiver.origin = `http://127.0.0.1:${receiver.port}`;
    return receiver;
  }

  /** The requests, once there are as many. */
  async came(count, what = 'requests') {
    await until(() => this.requests.length >= count, `${count} ${what}; ${this.requests.length} came`);
    return this.requests;
  }

  async stop() {
    this.server.closeAllConnections?.();
    await new Promise((resolve) => { this.server.close(resolve); });
  }
}

// One HTTP exchange, with nothing done behind the test's back: no redirects followed, no cookies, any Host.
import http from 'node:http';

/** target: {port} or {socketPath}. Returns {status, headers, body, json}. */
export function exchange(target, { method = 'GET', path = '/', headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', agent: false, ...target, method, path, headers }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        let json = null;
        try {
          json = JSON.parse(text);
        } catch {
          // not every answer is JSON
        }
        resolve({ status: response.statusCode, headers: response.headers, body: text, json });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

export function form(fields) {
  return new URLSearchParams(Object.entries(fields).filter(([, value]) => value !== undefined)).toString();
}

export function postForm(target, path, fields, headers = {}) {
  return exchange(target, {
    method: 'POST',
    path,
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: typeof fields === 'string' ? fields : form(fields),
  });
}

export function postJson(target, path, value, headers = {}) {
  return exchange(target, {
    method: 'POST',
    path,
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof value === 'string' ? value : JSON.stringify(value),
  });
}

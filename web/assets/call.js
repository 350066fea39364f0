/* One request to the server that the page is from, and its refusals. */

/** A refusal by the server: HTTP status, stable code, the server's own sentence, and a requirement to meet. */
export class ApiError extends Error {
  constructor(status, body) {
    super(body.errorMessage || body.error_description || `HTTP ${status}`);
    this.name = 'ApiError';
    this.status = status;
    this.code = body.error ?? '';
    this.requirement = body.requirement ?? null;
    this.unknownCredential = body.unknown_credential === true;
  }

  /** Whether the server said no, rather than failed. */
  get isRefusal() {
    return this.status < 500;
  }

  /** Whether a newer or stronger sign-in would make the request pass. */
  get wantsStepUp() {
    return this.status === 401 && this.code === 'insufficient_user_authentication';
  }

  /** Whether nobody is signed in. */
  get wantsLogin() {
    return this.status === 401 && !this.wantsStepUp;
  }
}

/** JSON in and out; rejects with ApiError. */
export async function call(method, path, body) {
  const answer = await fetch(path, {
    method,
    credentials: 'same-origin',
    cache: 'no-store',
    headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  let result = {};
  try {
    result = await answer.json();
  } catch {
    /* no body, or not ours: the status speaks */
  }
  if (!answer.ok) throw new ApiError(answer.status, result ?? {});
  return result;
}

/* The permit: for whom and why a sign-in is asked, as the server describes the waiting request. */
import { duration, pick, t } from './i18n.js';
import { el } from './ui.js';

function reasonOf(request) {
  const said = pick(request.reason);
  if (said) return said;
  const age = request.requirement?.max_age;
  if (age === 0) return t('permit.reason.now');
  if (typeof age === 'number') return t('permit.reason.age', { age: duration(age) });
  return t('permit.reason.level');
}

function row(term, ...details) {
  return [el('dt', {}, term), ...details.map((detail) => el('dd', {}, detail))];
}

/** The name under which a waiting request is shown. */
export function destinationOf(request) {
  return request.domain_name || request.domain;
}

/** What is asked beyond scopes, in the server's words: one sentence a line, and text in any case. */
function detailsOf(request) {
  return pick(request.details).split('\n').filter(Boolean);
}

/** Fills a <dl> with what an application would get, of what, and where the browser goes then. */
export function renderAccess(list, request) {
  const scopes = (request.scopes ?? []).map((scope) => pick(scope.title) || scope.name);
  list.replaceChildren(
    ...row(t('permit.domain'), destinationOf(request)),
    ...row(t('permit.scopes'), ...(scopes.length ? scopes : [t('consent.identity')])),
    ...(request.details ? row(t('permit.details'), ...detailsOf(request)) : []),
    ...row(t('consent.host'), request.client_host),
  );
}

/** Fills a <dl> with the request's destination, application, scopes and reason. */
export function renderPermit(list, request) {
  const destination = destinationOf(request);
  const asker = request.client_name;
  const scopes = (request.scopes ?? []).map((scope) => pick(scope.title) || scope.name);
  list.replaceChildren(
    ...row(t('permit.domain'), destination),
    ...(asker && asker !== destination ? row(t('permit.client'), asker) : []),
    ...(request.details ? row(t(request.approval ? 'permit.approval' : 'permit.details'), ...detailsOf(request)) : []),
    ...(scopes.length ? row(t('permit.scopes'), ...scopes) : []),
    ...row(t('permit.reason'), reasonOf(request)),
  );
}

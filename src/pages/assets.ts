// Written by `npm run generate -- pages` from the folder `browser`: change that, not this.
import type { Asset } from './asset.ts'

export const script: Asset = {
  path: '/account/8dd2a98f975aa9df.js',
  text: `(() => {
  // browser/problems.ts
  function messageOf(name) {
    const templates = document.querySelectorAll("template[data-message]");
    return [...templates].find(({ dataset }) => dataset.message === name)?.content.textContent ?? void 0;
  }
  function sayProblem(form, name, retryAfterSeconds = 60) {
    const text = messageOf(name) ?? messageOf("failed") ?? "";
    const problem = form.querySelector("[data-form-problem]");
    if (problem) problem.textContent = text.replace("{time}", inTime(retryAfterSeconds));
  }
  function inTime(seconds) {
    const format = new Intl.RelativeTimeFormat(document.documentElement.lang);
    return seconds < 100 ? format.format(Math.ceil(seconds), "second") : format.format(Math.ceil(seconds / 60), "minute");
  }
  function sayFieldProblems(form, problems) {
    const refused = problems.filter((problem) => sayFieldProblem(form, problem));
    if (refused.length < problems.length) sayProblem(form, "failed");
    form.querySelector("[aria-invalid]")?.focus();
  }
  function sayFieldProblem(form, { field, detail }) {
    const input = form.elements.namedItem(field);
    const place = form.querySelector(\`[data-problem-of="\${CSS.escape(field)}"]\`);
    if (!(input instanceof HTMLInputElement) || place === null) return false;
    input.setAttribute("aria-invalid", "true");
    const known = messageOf(detail) ?? messageOf(\`\${field}_refused\`);
    place.replaceChildren(...known === void 0 ? [messageOf("refused") ?? "", inEnglish(detail)] : [known]);
    return true;
  }
  function inEnglish(detail) {
    const span = document.createElement("span");
    span.lang = "en";
    span.textContent = \` \${detail}.\`;
    return span;
  }
  function findFieldProblems(form) {
    return [...form.elements].flatMap((input) => {
      if (!(input instanceof HTMLInputElement) || input.name === "") return [];
      const { name: field, value } = input;
      if (value === "") return [{ field, detail: "missing" }];
      const length = [...value.normalize("NFC")].length;
      return length < Number(input.dataset.minLength ?? 0) ? [{ field, detail: "password_too_short" }] : [];
    });
  }
  function clearProblems(form) {
    for (const place of form.querySelectorAll("[data-problem-of], [data-form-problem]")) place.replaceChildren();
    for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
  }

  // browser/provider.ts
  var KEY = "latchkey-sign-in";
  async function leaveFor(provider, token2) {
    const [state, verifier] = [randomText(), randomText()];
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
    sessionStorage.setItem(KEY, JSON.stringify({ state, verifier, token: token2 }));
    const query = new URLSearchParams({
      redirect_uri: location.origin + location.pathname,
      code_challenge: base64url(new Uint8Array(digest)),
      state
    });
    const start = \`/api/v1/auth/oauth/\${encodeURIComponent(provider)}/start\`;
    location.assign(\`\${start}?\${query}\`);
  }
  function takeReturn() {
    const query = new URLSearchParams(location.search);
    const waiting = readWaiting();
    if (waiting === void 0 || query.get("state") !== waiting.state) return void 0;
    sessionStorage.removeItem(KEY);
    history.replaceState(null, "", location.pathname);
    const code = query.get("code");
    return {
      token: waiting.token,
      exchange: code === null ? void 0 : { code, code_verifier: waiting.verifier },
      error: query.get("error") ?? void 0
    };
  }
  function readWaiting() {
    const text = sessionStorage.getItem(KEY);
    return text === null ? void 0 : JSON.parse(text);
  }
  var randomText = () => base64url(crypto.getRandomValues(new Uint8Array(32)));
  var base64url = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

  // browser/send.ts
  var TIMEOUT_MS = 3e4;
  var send = async (path, body, accessToken) => {
    try {
      const response = await fetch(\`/api/v1/auth/\${path}\`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...accessToken !== void 0 && { authorization: \`Bearer \${accessToken}\` }
        },
        body: JSON.stringify(body),
        credentials: "omit",
        signal: AbortSignal.timeout(TIMEOUT_MS)
      });
      return await toAnswer(response);
    } catch {
      return { status: 0, body: {} };
    }
  };
  async function toAnswer(response) {
    const isJson = /json/.test(response.headers.get("content-type") ?? "");
    const body = isJson ? await response.json() : void 0;
    const retryAfter = Number(response.headers.get("retry-after"));
    return {
      status: response.status,
      body: typeof body === "object" ? { ...body } : {},
      ...retryAfter > 0 && { retryAfterSeconds: retryAfter }
    };
  }

  // browser/tasks.ts
  var tasks = {
    "verify-email": async (send2, { token: token2 }) => conclude(await send2("verify-email", { token: token2 }), "done"),
    "confirm-email": async (send2, { token: token2, values }) => confirmEmail(send2, token2, await send2("login", values)),
    "confirm-email-with-code": async (send2, { token: token2, values }) => confirmEmail(send2, token2, await send2("oauth/token", values)),
    "undo-email": async (send2, { token: token2 }) => conclude(await send2("undo-email", { token: token2 }), "done"),
    "keep-factors": async (send2, { token: token2 }) => conclude(await send2("keep-factors", { token: token2 }), "done"),
    "reset-password": async (send2, { token: token2, values }) => conclude(await send2("reset-password/confirm", { token: token2, ...values }), "done"),
    "forgot-password": async (send2, { values }) => conclude(await send2("reset-password", values), "sent"),
    "resend-verification": async (send2, { values }) => conclude(await send2("verify-email/resend", values), "sent"),
    restore: (send2, { token: token2 }) => restore(send2, token2, "reset_required"),
    "sign-in-and-restore": (send2, { values }) => signInAndRestore(send2, values)
  };
  async function confirmEmail(send2, token2, signedIn) {
    const { access_token: accessToken, code } = signedIn.body;
    if (code === "invalid_token") return { kind: "message", name: "provider_failed" };
    if (!isSuccess(signedIn)) return conclude(signedIn, "done");
    if (typeof accessToken !== "string") return { kind: "view", name: "invalid_token" };
    const answer = await send2("verify-email", { token: token2 }, accessToken);
    await endSession(send2, signedIn);
    return conclude(answer, "done");
  }
  async function restore(send2, token2, onSuccess) {
    const answer = await send2("restore", { token: token2 });
    if (isSuccess(answer)) await endSession(send2, answer);
    return conclude(answer, onSuccess);
  }
  async function signInAndRestore(send2, credentials) {
    const answer = await send2("login", credentials);
    if (answer.body.account_status === "deleted") return restore(send2, answer.body.restore_token, "done");
    if (isSuccess(answer)) await endSession(send2, answer);
    return conclude(answer, "not_deleted");
  }
  async function endSession(send2, { body }) {
    await send2("logout", { refresh_token: body.refresh_token });
  }
  var isSuccess = ({ status }) => status >= 200 && status < 300;
  function conclude(answer, onSuccess) {
    if (isSuccess(answer)) return { kind: "view", name: onSuccess };
    const { body, retryAfterSeconds } = answer;
    const problems = fieldProblems(body.errors);
    if (body.code === "invalid_token" || problems.some(({ field }) => field === "token"))
      return { kind: "view", name: "invalid_token" };
    if (problems.length > 0) return { kind: "fields", problems };
    const name = typeof body.code === "string" ? body.code : "failed";
    return { kind: "message", name, ...retryAfterSeconds !== void 0 && { retryAfterSeconds } };
  }
  function fieldProblems(errors) {
    if (!Array.isArray(errors)) return [];
    return errors.map(({ pointer, detail }) => ({ field: String(pointer).slice(1), detail: String(detail) }));
  }

  // browser/views.ts
  var main = document.querySelector("main");
  var firstView = (hasToken) => (hasToken ? main?.dataset.withToken : main?.dataset.withoutToken) ?? "";
  function showView(name) {
    for (const view of document.querySelectorAll("[data-view]")) view.hidden = view.dataset.view !== name;
    const heading = headingOf(name);
    if (heading !== null) document.title = \`\${heading.textContent} · \${main?.dataset.product}\`;
  }
  function moveToView(name) {
    showView(name);
    headingOf(name)?.focus();
  }
  var headingOf = (name) => document.querySelector(\`[data-view="\${CSS.escape(name)}"] h1\`);

  // browser/account.ts
  var returned = takeReturn();
  var token = returned?.token ?? takeToken();
  showView(firstView(token !== ""));
  for (const form of document.forms) form.addEventListener("submit", onSubmit);
  for (const box of document.querySelectorAll("[data-reveals]"))
    box.addEventListener("change", onReveal);
  for (const button of document.querySelectorAll("[data-provider]"))
    button.addEventListener("click", () => void leaveFor(button.dataset.provider ?? "", token));
  if (returned) void goOn(returned);
  addEventListener("hashchange", () => location.reload());
  function takeToken() {
    const { hash, pathname, search } = location;
    if (hash !== "") history.replaceState(null, "", pathname + search);
    return new URLSearchParams(hash.slice(1)).get("token") ?? "";
  }
  function onSubmit(event) {
    event.preventDefault();
    const form = event.currentTarget;
    if (form instanceof HTMLFormElement && form.ariaBusy !== "true") void submit(form);
  }
  async function submit(form) {
    clearProblems(form);
    const problems = findFieldProblems(form);
    if (problems.length > 0) return sayFieldProblems(form, problems);
    form.ariaBusy = "true";
    const outcome = await perform(form);
    form.ariaBusy = null;
    show(form, outcome);
  }
  async function goOn({ exchange, error }) {
    const form = document.querySelector("[data-provider]")?.closest("form");
    if (!form) return;
    form.ariaBusy = "true";
    const outcome = exchange ? await tasks["confirm-email-with-code"](send, { token, values: exchange }) : { kind: "message", name: error === "invalid_credentials" ? "not_linked" : "provider_failed" };
    form.ariaBusy = null;
    show(form, outcome);
  }
  async function perform({ dataset, elements }) {
    const inputs = [...elements].filter((element) => element instanceof HTMLInputElement);
    const values = inputs.filter(({ name }) => name !== "").map(({ name, value }) => [name, value]);
    const task = Object.entries(tasks).find(([name]) => name === dataset.task)?.[1];
    return task === void 0 ? { kind: "message", name: "failed" } : task(send, { token, values: Object.fromEntries(values) });
  }
  function show(form, outcome) {
    if (outcome.kind === "view") {
      form.reset();
      moveToView(outcome.name);
    } else if (outcome.kind === "fields") {
      sayFieldProblems(form, outcome.problems);
    } else {
      sayProblem(form, outcome.name, outcome.retryAfterSeconds);
    }
  }
  function onReveal({ currentTarget: box }) {
    if (!(box instanceof HTMLInputElement)) return;
    const input = document.getElementById(box.dataset.reveals ?? "");
    if (input instanceof HTMLInputElement) input.type = box.checked ? "text" : "password";
  }
})();
`,
}

export const sheet: Asset = {
  path: '/account/5c2178fd5eac85c3.css',
  text: `/* browser/account.css */
:root {
  color-scheme: light dark;
  --page: #f3f4f7;
  --card: #fff;
  --text: #1f2430;
  --quiet: #5a6172;
  --edge: #d5d9e2;
  --field-edge: #767d8d;
  --accent: #2448b8;
  --accent-strong: #1b3894;
  --on-accent: #fff;
  --problem: #b3261e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14161c;
    --card: #1c1f28;
    --text: #e8eaf0;
    --quiet: #a9b0c0;
    --edge: #3a4050;
    --field-edge: #8089a0;
    --accent: #9db8ff;
    --accent-strong: #c0d1ff;
    --on-accent: #10131a;
    --problem: #ffb4ab;
  }
}
*,
::before,
::after {
  box-sizing: border-box;
}
body {
  margin: 0;
  padding: 2rem 1rem;
  background: var(--page);
  color: var(--text);
  font:
    1rem / 1.5 system-ui,
    -apple-system,
    "Segoe UI",
    Roboto,
    Helvetica,
    Arial,
    sans-serif;
  overflow-wrap: break-word;
}
main {
  max-width: 30rem;
  margin: 0 auto;
  padding: 2rem;
  background: var(--card);
  border: 1px solid var(--edge);
  border-radius: 0.75rem;
}
@media (min-width: 40rem) {
  body {
    padding-top: 12vh;
  }
}
@media (max-width: 30rem) {
  body {
    padding: 0;
    background: var(--card);
  }
  main {
    padding: 1.5rem 1.25rem;
    border: 0;
  }
}
p {
  margin: 0 0 1rem;
}
.product {
  margin-bottom: 1.5rem;
  color: var(--quiet);
  font-weight: 600;
}
h1 {
  margin: 0 0 1rem;
  font-size: 1.5rem;
  line-height: 1.25;
  text-wrap: balance;
}
h1:focus {
  outline: none;
}
[data-view=done] h1::before {
  content: "✓ " / "";
  color: var(--accent);
}
section > :last-child,
form > :last-child {
  margin-bottom: 0;
}
label {
  display: block;
  font-weight: 600;
}
.hint {
  margin: 0;
  color: var(--quiet);
  font-size: 0.875rem;
}
.field {
  margin: 1.5rem 0;
}
input:not([type=checkbox]) {
  display: block;
  width: 100%;
  margin-top: 0.375rem;
  padding: 0.625rem 0.75rem;
  background: var(--card);
  color: inherit;
  font: inherit;
  border: 1px solid var(--field-edge);
  border-radius: 0.375rem;
}
input[aria-invalid] {
  border-color: var(--problem);
  box-shadow: inset 0 0 0 1px var(--problem);
}
.reveal {
  display: flex;
  align-items: center;
  gap: 0.5rem;
  width: fit-content;
  padding: 0.5rem 0;
  font-weight: 400;
}
.reveal input {
  width: 1.125rem;
  height: 1.125rem;
  margin: 0;
  accent-color: var(--accent);
}
.problem {
  color: var(--problem);
  font-weight: 600;
}
.field .problem {
  margin: 0.375rem 0 0;
}
.problem:empty {
  margin: 0;
}
.button {
  display: inline-block;
  padding: 0.75rem 1.25rem;
  background: var(--accent);
  color: var(--on-accent);
  font: inherit;
  font-weight: 600;
  line-height: 1.25;
  text-align: center;
  text-decoration: none;
  border: 1px solid var(--accent);
  border-radius: 0.375rem;
  cursor: pointer;
}
.button:hover {
  background: var(--accent-strong);
  border-color: var(--accent-strong);
}
form[aria-busy] .button {
  opacity: 0.6;
  cursor: progress;
}
@media (max-width: 30rem) {
  .button {
    width: 100%;
  }
}
a {
  color: var(--accent);
}
.aside {
  margin-top: 1.5rem;
}
:focus-visible {
  outline: 3px solid var(--accent);
  outline-offset: 2px;
}
`,
}

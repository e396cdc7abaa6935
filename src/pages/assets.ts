// Written by `npm run generate -- pages` from the folder `browser`: change that, not this.
import type { Asset } from './asset.ts'

export const script: Asset = {
  path: '/account/44c90fd1c4ebecad.js',
  text: `(() => {
  // browser/authenticator.ts
  var passkeysOfBrowser = (stopAutofill2) => typeof PublicKeyCredential === "undefined" || !("parseCreationOptionsFromJSON" in PublicKeyCredential) ? void 0 : {
    // A browser answers one request at a time, and the one for autofill waits for long.
    prove: (publicKey) => {
      stopAutofill2();
      return askForPasskey(publicKey, {});
    },
    create: createPasskey,
    signal: (signal) => void passOn(signal).catch(() => {
    })
  };
  var askForPasskey = (publicKey, more) => perform(
    () => isOptions(publicKey) ? navigator.credentials.get({ ...more, publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) }) : null
  );
  var createPasskey = (publicKey) => perform(
    () => isOptions(publicKey) ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) }) : null
  );
  var isOptions = (value) => typeof value === "object" && value !== null && "challenge" in value;
  async function perform(ask2) {
    try {
      const credential = await ask2();
      if (credential instanceof PublicKeyCredential) return { credential: { ...credential.toJSON() } };
    } catch (error) {
      return { outcome: explainError(error instanceof Error ? error.name : "") };
    }
    return { outcome: FAILED };
  }
  var FAILED = { kind: "message", name: "passkey_failed" };
  function explainError(name) {
    if (name === "NotAllowedError" || name === "AbortError") return { kind: "none" };
    return name === "InvalidStateError" ? { kind: "message", name: "passkey_known" } : FAILED;
  }
  async function passOn(signal) {
    const browser = PublicKeyCredential;
    const { rpId } = signal;
    if (signal.kind === "unknown") {
      await browser.signalUnknownCredential?.({ rpId, credentialId: signal.credentialId });
    } else if (signal.kind === "accepted") {
      const { userId, ids } = signal;
      await browser.signalAllAcceptedCredentials?.({ rpId, userId, allAcceptedCredentialIds: [...ids] });
    } else {
      const { userId, name, displayName } = signal;
      await browser.signalCurrentUserDetails?.({ rpId, userId, name, displayName });
    }
  }

  // browser/outcome.ts
  var isSuccess = ({ status }) => status >= 200 && status < 300;
  var conclude = (answer, onSuccess) => isSuccess(answer) ? { kind: "view", name: onSuccess } : explain(answer);
  function explain(answer) {
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

  // browser/fact-values.ts
  var when = (isShown) => isShown ? "" : void 0;
  var membersOf = (value) => typeof value === "object" && value !== null ? { ...value } : void 0;
  function dateIn(language2, value, more = {}) {
    if (typeof value !== "string") return void 0;
    return new Intl.DateTimeFormat(language2, { dateStyle: "long", ...more }).format(new Date(value));
  }

  // browser/second-step.ts
  async function afterFirstFactor(page2, answer, goOn2) {
    const { memory: memory2 } = page2;
    const { body } = answer;
    if (!isSuccess(answer)) return explain(answer);
    if (body.enrolment_required === true) {
      memory2.enrolmentToken = String(body.enrolment_token);
      memory2.made = void 0;
      return { kind: "view", name: "enrol" };
    }
    if (body.mfa_required !== true) return goOn2(page2, answer);
    const expiresAtMs = Date.now() + Number(body.expires_in) * 1e3;
    memory2.secondStep = { mfaToken: body.mfa_token, expiresAtMs, publicKey: body.public_key, goOn: goOn2 };
    const methods = Array.isArray(body.methods) ? body.methods : [];
    const [can_totp, can_recover] = ["totp", "recovery_code"].map((name) => when(methods.includes(name)));
    const can_use_passkey = when(methods.includes("passkey") && page2.passkeys !== void 0);
    const facts = { can_totp, can_recover, can_use_passkey };
    return { kind: "view", name: VIEWS.find(([, fact]) => facts[fact] !== void 0)?.[0] ?? "passkey_step", facts };
  }
  var VIEWS = [
    ["passkey_step", "can_use_passkey"],
    ["second_step", "can_totp"],
    ["recovery_code", "can_recover"]
  ];
  async function proveBySecondPasskey(page2) {
    const ceremony = await page2.passkeys?.prove(page2.memory.secondStep?.publicKey);
    if (ceremony === void 0) return { kind: "message", name: "passkey_failed" };
    if ("outcome" in ceremony) return ceremony.outcome;
    const outcome = await sendSecondFactor(page2, ceremony);
    const isRefused = outcome.kind === "message" && outcome.name === "invalid_second_factor";
    return isRefused ? { kind: "message", name: "passkey_refused" } : outcome;
  }
  async function sendSecondFactor(page2, values) {
    const { secondStep } = page2.memory;
    if (secondStep === void 0) return { kind: "message", name: "took_too_long" };
    const { mfaToken, expiresAtMs, goOn: goOn2 } = secondStep;
    const answer = await page2.send("auth/mfa", { mfa_token: mfaToken, ...values });
    if (isSuccess(answer)) {
      page2.memory.secondStep = void 0;
      return goOn2(page2, answer);
    }
    if (answer.body.code === "invalid_second_factor" && Date.now() > expiresAtMs)
      return { kind: "message", name: "took_too_long" };
    return explain(answer);
  }

  // browser/memory.ts
  function sessionIn({ body }) {
    const { access_token: accessToken, refresh_token: refreshToken } = body;
    return typeof accessToken === "string" ? { accessToken, refreshToken } : void 0;
  }
  async function endSession({ send: send2 }, refreshToken) {
    if (refreshToken !== void 0) await send2("auth/logout", { refresh_token: refreshToken });
  }

  // browser/as-user.ts
  var SIGNED_OUT = { kind: "view", name: "signed_out" };
  async function asUser(page2, request, onSuccess) {
    const { memory: memory2 } = page2;
    const answer = await sendAsUser(page2, request);
    if (isSuccess(answer)) return onSuccess(answer);
    if (answer.body.code === "invalid_access_token") {
      memory2.session = void 0;
      return SIGNED_OUT;
    }
    if (answer.body.code !== "step_up_required") return explain(answer);
    memory2.interrupted = () => asUser(page2, request, onSuccess);
    return { kind: "view", name: memory2.stepUp?.first ?? "step_up_password" };
  }
  async function sendAsUser(page2, [path, body, method = "POST"]) {
    const { memory: memory2, send: send2 } = page2;
    const answer = await send2(path, body, memory2.session?.accessToken, method);
    if (answer.body.code !== "invalid_access_token" || !await renewTokens(page2)) return answer;
    return send2(path, body, memory2.session?.accessToken, method);
  }
  async function renewTokens({ send: send2, memory: memory2 }) {
    if (memory2.session === void 0) return false;
    const renewed = sessionIn(await send2("auth/refresh", { refresh_token: memory2.session.refreshToken }));
    if (renewed !== void 0) memory2.session = renewed;
    return renewed !== void 0;
  }
  async function sendStepUp(page2, proof) {
    const { memory: memory2 } = page2;
    const answer = await sendAsUser(page2, ["auth/step-up", proof]);
    const { access_token: accessToken, code } = answer.body;
    if (code === "invalid_access_token") return SIGNED_OUT;
    if (code === "second_factor_required") return { kind: "view", name: memory2.stepUp?.two ?? "step_up_code" };
    if (proof.credential !== void 0 && answer.status === 401) return { kind: "message", name: "passkey_refused" };
    if (typeof accessToken !== "string") return explainStepUp(answer);
    if (memory2.session === void 0 || memory2.interrupted === void 0) return SIGNED_OUT;
    memory2.session = { ...memory2.session, accessToken };
    const outcome = await memory2.interrupted();
    return { kind: "resumed", outcome };
  }
  function explainStepUp(answer) {
    const outcome = explain(answer);
    const asksForMore = outcome.kind === "fields" && outcome.problems.some(({ field }) => field === "password");
    return asksForMore ? { kind: "message", name: "took_too_long" } : outcome;
  }

  // browser/passkey-rows.ts
  function passkeyRows(language2, passkeys2) {
    const dateOf = (value) => dateIn(language2, value);
    return passkeys2.map((passkey) => {
      const { id, name, provider, last_used_at: usedAt, second_factor_only: isKey } = passkey;
      const isNamed = typeof name === "string";
      return {
        id: String(id),
        name: isNamed ? name : void 0,
        unnamed_passkey: when(!isNamed && isKey !== true),
        unnamed_key: when(!isNamed && isKey === true),
        provider: typeof provider === "string" ? provider : void 0,
        added: dateOf(passkey.created_at),
        used: dateOf(usedAt),
        unused: when(typeof usedAt !== "string"),
        synced: when(passkey.synced === true),
        second_factor_only: when(isNamed && isKey === true),
        suspended: when(passkey.suspended === true),
        other_domain: when(passkey.other_domain === true)
      };
    });
  }
  var usablePasskeys = (passkeys2) => passkeys2.filter(({ suspended, other_domain }) => suspended !== true && other_domain !== true);

  // browser/factor-facts.ts
  function factsOf(language2, hasPasskeys, { factors, identities }) {
    const [twoStep, password, totp, codes, reset] = [
      factors.two_step,
      factors.password,
      factors.totp,
      factors.recovery_codes,
      factors.reset
    ].map(membersOf);
    const passkeys2 = Array.isArray(factors.passkeys) ? factors.passkeys.map((passkey) => ({ ...passkey })) : [];
    const dateOf = (value, more) => dateIn(language2, value, more);
    const isTwoStep = twoStep?.enabled === true;
    const isDue = typeof twoStep?.due_at === "string" && Date.parse(twoStep.due_at) <= Date.now();
    const isUsable = usablePasskeys(passkeys2).length > 0;
    const hasFactor = totp !== void 0 || isUsable || Number(codes?.left ?? 0) > 0;
    const due = isTwoStep ? void 0 : dateOf(twoStep?.due_at);
    const canStepUp = hasPasskeys && isUsable;
    const two = totp === void 0 && canStepUp ? "step_up_passkey" : "step_up_code";
    const providers = providersIn(language2, identities);
    const hasOnlyMail = !isUsable && providers === void 0 && typeof factors.user_name === "string";
    const withoutPassword = canStepUp ? "step_up_passkey" : hasOnlyMail ? "step_up_mail" : "step_up_password";
    const one = password?.set === false ? withoutPassword : "step_up_password";
    return {
      stepUp: { first: isTwoStep || isDue ? two : one, two },
      facts: {
        passkeys: passkeyRows(language2, passkeys2),
        no_passkeys: when(passkeys2.length === 0),
        can_step_up_by_passkey: when(canStepUp),
        password_set: when(password?.set === true),
        password_changed: dateOf(password?.changed_at),
        password_unset: when(password?.set !== true),
        providers,
        two_step_on: when(isTwoStep),
        two_step_since: dateOf(twoStep?.since),
        two_step_off: when(!isTwoStep),
        two_step_due: due,
        needs_factor: when(!isTwoStep && !hasFactor),
        can_turn_on: when(!isTwoStep && hasFactor),
        totp_added: dateOf(totp?.created_at),
        totp_set: when(totp !== void 0),
        totp_unset: when(totp === void 0),
        codes_left: codes === void 0 ? void 0 : String(codes.left),
        codes_made: dateOf(codes?.created_at),
        codes_unset: when(codes === void 0),
        can_make_codes: when(hasFactor || isTwoStep),
        reset_due: dateOf(reset?.due_at, { timeStyle: "short" })
      }
    };
  }
  function providersIn(language2, { identities }) {
    if (!Array.isArray(identities) || identities.length === 0) return void 0;
    const names = new Set(identities.map(({ provider }) => String(provider)));
    return new Intl.ListFormat(language2).format(names);
  }

  // browser/passkeys.ts
  function signalOwner({ passkeys: passkeys2 }, members) {
    const { rp_id: rpId, user_handle: userId, accepted_credential_ids: ids, user_name: name } = members;
    if (passkeys2 === void 0 || typeof rpId !== "string" || typeof userId !== "string" || !Array.isArray(ids)) return;
    passkeys2.signal({ kind: "accepted", rpId, userId, ids: ids.map(String) });
    if (typeof name !== "string") return;
    passkeys2.signal({ kind: "names", rpId, userId, name, displayName: String(members.user_display_name ?? name) });
  }

  // browser/security.ts
  var FORGET = { secret: void 0, uri: void 0, codes: void 0 };
  var enter = async (page2, signedIn) => {
    const before = page2.memory.session;
    page2.memory.session = sessionIn(signedIn);
    if (before !== void 0) await endSession(page2, before.refreshToken);
    const left = signedIn.body.recovery_codes_left;
    return showSecurity(page2, void 0, { used_code_left: left === void 0 ? void 0 : String(left) });
  };
  async function showSecurity(page2, notice, more = {}) {
    return asUser(page2, ["users/me/factors", void 0, "GET"], async (factors) => {
      const identities = await sendAsUser(page2, ["users/me/identities", void 0, "GET"]);
      signalOwner(page2, factors.body);
      const answers = { factors: factors.body, identities: identities.body };
      const { facts, stepUp } = factsOf(page2.language, page2.passkeys !== void 0, answers);
      page2.memory.stepUp = stepUp;
      page2.memory.address = factors.body.user_name;
      const shown = { ...FORGET, used_code_left: void 0, ...facts, ...more };
      return { kind: "view", name: "security", facts: shown, ...notice !== void 0 && { notice } };
    });
  }
  var startTotp = (page2) => asUser(page2, ["users/me/totp/options", {}], (answer) => showSecret(page2, answer, "add_totp"));
  async function startEnrolment(page2, view) {
    const answer = await page2.send("auth/enrol/totp/options", { enrolment_token: page2.memory.enrolmentToken });
    if (isSuccess(answer)) return showSecret(page2, answer, view);
    return refusedEnrolment(page2, answer);
  }
  async function requestEnrolmentCode(page2) {
    const answer = await page2.send("auth/enrol/mail", { enrolment_token: page2.memory.enrolmentToken });
    return isSuccess(answer) ? startEnrolment(page2, "enrol_totp") : refusedEnrolment(page2, answer);
  }
  function refusedEnrolment(page2, answer) {
    const isToken = answer.status === 422 || answer.body.code === "invalid_token";
    if (!isToken) return explain(answer);
    return page2.token === "" ? { kind: "message", name: "took_too_long" } : { kind: "view", name: "invalid_token" };
  }
  function showSecret({ memory: memory2 }, { body }, view) {
    memory2.adding = { ticket: body.ticket, expiresAtMs: Date.now() + Number(body.expires_in) * 1e3 };
    const secret = String(body.secret).replace(/.{4}(?=.)/g, "$& ");
    return { kind: "view", name: view, facts: { secret, uri: String(body.uri) } };
  }
  async function submitTotp(page2, values) {
    const { adding, enrolmentToken } = page2.memory;
    if (adding === void 0 || Date.now() > adding.expiresAtMs) return { kind: "message", name: "took_too_long" };
    const body = { ticket: adding.ticket, ...values };
    if (page2.memory.session !== void 0 || enrolmentToken === void 0)
      return asUser(page2, ["users/me/totp", body], async (answer2) => {
        await renewTokens(page2);
        return showCodes(page2, answer2, "totp_added");
      });
    const answer = await page2.send("auth/enrol/totp", { ...body, enrolment_token: enrolmentToken });
    return isSuccess(answer) ? enterEnrolled(page2, answer, "totp_added") : refusedEnrolment(page2, answer);
  }
  async function enterEnrolled(page2, answer, notice) {
    page2.memory.enrolmentToken = void 0;
    if (answer.body.access_token !== void 0) page2.memory.session = sessionIn(answer);
    return showCodes(page2, answer, notice);
  }
  async function showCodes(page2, { body }, notice) {
    page2.memory.adding = void 0;
    const codes = body.recovery_codes;
    if (!Array.isArray(codes)) return afterCodes(page2, notice);
    return { kind: "view", name: "codes", facts: { ...FORGET, codes: codes.join("\\n") } };
  }
  var afterCodes = async (page2, notice) => page2.memory.session === void 0 ? { kind: "view", name: "ask", facts: FORGET } : showSecurity(page2, notice);
  var renewCodes = (page2) => asUser(page2, ["users/me/recovery-codes", {}], (answer) => showCodes(page2, answer, "codes_made"));
  var dropTotp = (page2) => asUser(page2, ["users/me/totp", void 0, "DELETE"], () => showSecurity(page2, "totp_removed"));
  var switchTwoStep = (page2, enabled) => asUser(
    page2,
    ["users/me/two-step", { enabled }, "PUT"],
    (answer) => showCodes(page2, answer, enabled ? "two_step_on" : "two_step_off")
  );
  var stopReset = (page2) => asUser(page2, ["users/me/factor-reset", void 0, "DELETE"], () => showSecurity(page2, "reset_cancelled"));
  async function signOut(page2) {
    const { session } = page2.memory;
    page2.memory.session = void 0;
    if (session !== void 0) await endSession(page2, session.refreshToken);
    return { kind: "view", name: "signed_out", facts: FORGET };
  }

  // browser/sign-in.ts
  async function signIn(page2, answer) {
    if (answer.body.account_status !== "deleted") return afterFirstFactor(page2, answer, enter);
    page2.memory.restoreToken = String(answer.body.restore_token);
    return { kind: "view", name: "restore_offer" };
  }

  // browser/passkey-sign-in.ts
  var FAILED2 = { kind: "message", name: "passkey_failed" };
  async function usePasskey(page2) {
    const offer = await page2.send("auth/passkey/options", void 0);
    if (!isSuccess(offer)) return explain(offer);
    const ceremony = await page2.passkeys?.prove(offer.body.public_key);
    if (ceremony === void 0) return FAILED2;
    return "outcome" in ceremony ? ceremony.outcome : sendPasskey(page2, offer, ceremony.credential);
  }
  async function sendPasskey(page2, offer, credential) {
    const answer = await page2.send("auth/passkey", { ticket: offer.body.ticket, credential });
    if (isSuccess(answer)) return signIn(page2, answer);
    const { code } = answer.body;
    if (code === "passkey_removed") forget(page2, offer.body.public_key, credential);
    return code === "invalid_credentials" ? { kind: "message", name: "passkey_refused" } : explain(answer);
  }
  function forget({ passkeys: passkeys2 }, publicKey, { id }) {
    if (typeof publicKey !== "object" || publicKey === null || !("rpId" in publicKey)) return;
    passkeys2?.signal({ kind: "unknown", rpId: String(publicKey.rpId), credentialId: String(id) });
  }

  // browser/autofill.ts
  var EARLY_MS = 3e4;
  var running;
  function offerAutofill(page2, use) {
    const field = document.querySelector('[autocomplete~="webauthn"]');
    const form = field?.form;
    if (page2.passkeys === void 0 || !form) return;
    if (field.closest("[hidden]") !== null) stopAutofill();
    else if (running === void 0) start(page2, (task) => use(form, task));
  }
  function start(page2, use) {
    running = new AbortController();
    void ask(page2, running.signal, use);
  }
  async function ask(page2, signal, use) {
    if (!await PublicKeyCredential.isConditionalMediationAvailable?.() || signal.aborted) return;
    const offer = await page2.send("auth/passkey/options", void 0);
    if (signal.aborted) return;
    if (!isSuccess(offer)) {
      stopAutofill();
      return;
    }
    const renew = () => {
      if (signal.aborted) return;
      stopAutofill();
      start(page2, use);
    };
    setTimeout(() => whenVisible(renew), Number(offer.body.expires_in) * 1e3 - EARLY_MS);
    const ceremony = await askForPasskey(offer.body.public_key, { mediation: "conditional", signal });
    if (signal.aborted) return;
    stopAutofill();
    if ("credential" in ceremony) use(() => sendPasskey(page2, offer, ceremony.credential));
  }
  function stopAutofill() {
    running?.abort();
    running = void 0;
  }
  function whenVisible(act) {
    if (document.hidden) document.addEventListener("visibilitychange", act, { once: true });
    else act();
  }

  // browser/facts.ts
  var known = /* @__PURE__ */ new Map();
  function showFacts(facts) {
    for (const [name, value] of Object.entries(facts)) known.set(name, value);
    for (const element of document.querySelectorAll("[data-fact]"))
      show(element, factNamed(element.dataset.fact ?? ""));
    for (const list of document.querySelectorAll("[data-rows]")) {
      const rows = known.get(list.dataset.rows ?? "");
      showRows(list, Array.isArray(rows) ? rows : []);
    }
  }
  var forgetFacts = () => showFacts(Object.fromEntries([...known.keys()].map((name) => [name, void 0])));
  function show(element, value) {
    element.hidden = value === void 0;
    fill(element, value ?? "");
  }
  function fill(element, value) {
    const { template } = element.dataset;
    if (template !== void 0) element.textContent = template.replace("{value}", () => value);
    else if (element instanceof HTMLAnchorElement) element.href = value;
    else if (element instanceof HTMLInputElement) element.value = value;
    else if (element instanceof HTMLOListElement) element.replaceChildren(...linesOf(value).map(listItem));
    else if (element.localName === "qr-code") element.setAttribute("text", value);
  }
  function showRows(list, rows) {
    const template = list.querySelector("template");
    if (template === null) return;
    list.hidden = rows.length === 0;
    list.replaceChildren(template, ...rows.map((row) => rowOf(template, row)));
  }
  function rowOf(template, row) {
    const copy = document.importNode(template.content, true);
    for (const element of copy.querySelectorAll("[data-row-fact]"))
      show(element, row[element.dataset.rowFact ?? ""]);
    const title = [...copy.querySelectorAll("h3 > :not([hidden])")].map(({ textContent }) => textContent).join("");
    for (const button of copy.querySelectorAll("button")) {
      Object.assign(button.dataset, { row: row.id, rowName: title });
      button.ariaLabel = \`\${button.textContent}: \${title}\`;
    }
    return copy;
  }
  var linesOf = (text) => text === "" ? [] : text.split("\\n");
  function listItem(text) {
    const item = document.createElement("li");
    item.textContent = text;
    return item;
  }
  function factNamed(name) {
    const value = known.get(name);
    return typeof value === "string" ? value : void 0;
  }

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
    const known2 = messageOf(detail) ?? messageOf(\`\${field}_refused\`);
    place.replaceChildren(...known2 === void 0 ? [messageOf("refused") ?? "", inEnglish(detail)] : [known2]);
    return true;
  }
  function inEnglish(detail) {
    const span = document.createElement("span");
    span.lang = "en";
    span.textContent = \` \${detail}.\`;
    return span;
  }
  function findFieldProblems(form, names) {
    return [...form.elements].flatMap((input) => {
      if (!(input instanceof HTMLInputElement) || !names.includes(input.name)) return [];
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

  // browser/codes.ts
  async function copyCodes(button) {
    const said = button.closest("[data-view]")?.querySelector("[data-notice]");
    const name = await navigator.clipboard.writeText(factNamed("codes") ?? "").then(
      () => "copied",
      () => "not_copied"
    );
    if (said) said.textContent = messageOf(name) ?? "";
  }
  function downloadCodes(button) {
    const { fileName = "", fileHeading = "" } = button.dataset;
    const text = \`\${fileHeading}\\r
\\r
\${(factNamed("codes") ?? "").replaceAll("\\n", "\\r\\n")}\\r
\`;
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
    link.download = fileName;
    link.click();
    URL.revokeObjectURL(link.href);
  }

  // browser/forms.ts
  function readValues({ elements }, wanted) {
    const inputs = [...elements].filter((element) => element instanceof HTMLInputElement);
    const values = inputs.filter(({ name }) => name !== "" && wanted?.includes(name) !== false).map(({ name, value, dataset }) => [name, dataset.isCode === void 0 ? value : value.replace(/\\s/g, "")]);
    return Object.fromEntries(values);
  }
  function onReveal({ currentTarget: box }) {
    if (!(box instanceof HTMLInputElement)) return;
    const input = document.getElementById(box.dataset.reveals ?? "");
    if (input instanceof HTMLInputElement) input.type = box.checked ? "text" : "password";
  }
  function onReset({ currentTarget: form }) {
    if (!(form instanceof HTMLFormElement)) return;
    for (const { dataset } of form.querySelectorAll("[data-reveals]")) {
      const input = document.getElementById(dataset.reveals ?? "");
      if (input instanceof HTMLInputElement) input.type = "password";
    }
  }

  // browser/kept-request.ts
  var KEY = "latchkey-mail-sign-in";
  var keptRequest = {
    read() {
      try {
        const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}");
        if (kept.expiresAtMs > Date.now()) return kept;
        localStorage.removeItem(KEY);
      } catch {
      }
      return void 0;
    },
    write(kept) {
      try {
        localStorage.setItem(KEY, JSON.stringify(kept));
      } catch {
      }
    },
    remove() {
      try {
        localStorage.removeItem(KEY);
      } catch {
      }
    }
  };

  // browser/provider.ts
  var KEY2 = "latchkey-sign-in";
  async function leaveFor(provider, token2) {
    const [state, verifier] = [randomText(), randomText()];
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
    sessionStorage.setItem(KEY2, JSON.stringify({ state, verifier, token: token2 }));
    const query = new URLSearchParams({
      redirect_uri: location.origin + location.pathname,
      code_challenge: base64url(new Uint8Array(digest)),
      state
    });
    const start2 = \`/api/v1/auth/oauth/\${encodeURIComponent(provider)}/start\`;
    location.assign(\`\${start2}?\${query}\`);
  }
  function takeReturn() {
    const query = new URLSearchParams(location.search);
    const waiting = readWaiting();
    if (waiting === void 0 || query.get("state") !== waiting.state) return void 0;
    sessionStorage.removeItem(KEY2);
    history.replaceState(null, "", location.pathname);
    const code = query.get("code");
    return {
      token: waiting.token,
      exchange: code === null ? void 0 : { code, code_verifier: waiting.verifier },
      error: query.get("error") ?? void 0
    };
  }
  function readWaiting() {
    const text = sessionStorage.getItem(KEY2);
    return text === null ? void 0 : JSON.parse(text);
  }
  var randomText = () => base64url(crypto.getRandomValues(new Uint8Array(32)));
  var base64url = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

  // browser/send.ts
  var TIMEOUT_MS = 3e4;
  var send = async (path, body, accessToken, method = "POST") => {
    try {
      const response = await fetch(\`/api/v1/\${path}\`, {
        method,
        headers: {
          ...body !== void 0 && { "content-type": "application/json" },
          ...accessToken !== void 0 && { authorization: \`Bearer \${accessToken}\` }
        },
        body: body === void 0 ? null : JSON.stringify(body),
        credentials: "omit",
        // A page that is left still ends its session.
        keepalive: path === "auth/logout",
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

  // browser/mail-sign-in.ts
  async function askForMail(page2, { email }) {
    const previous = requestOf(page2)?.request;
    const answer = await page2.send("auth/email", { email, ...previous !== void 0 && { previous } });
    if (!isSuccess(answer)) return explain(answer);
    const { request, expires_in: expiresIn } = answer.body;
    const kept = { request: String(request), expiresAtMs: Date.now() + Number(expiresIn) * 1e3 };
    page2.memory.mailRequest = kept;
    page2.requests?.write(kept);
    return { kind: "view", name: "mail_code", facts: { has_request: "" } };
  }
  async function signInByCode(page2, { mail_code: code }) {
    const answer = await confirm(page2, { code });
    if (answer === void 0) return { kind: "message", name: "took_too_long" };
    if (answer.status === 429) return { ...explain(answer), kind: "message", name: "mail_codes_used_up" };
    if (answer.status === 422) return { kind: "message", name: "mail_code_refused" };
    if (answer.body.code === "invalid_token") return { kind: "message", name: "mail_code_wrong" };
    return signIn(page2, answer);
  }
  async function signInByLink(page2) {
    const answer = await confirm(page2, { token: page2.token });
    return answer === void 0 ? { kind: "view", name: "open_elsewhere" } : signIn(page2, answer);
  }
  async function confirm(page2, proof) {
    const kept = requestOf(page2);
    if (kept === void 0) return void 0;
    const answer = await page2.send("auth/email/confirm", { request: kept.request, ...proof });
    if (isSuccess(answer)) {
      page2.memory.mailRequest = void 0;
      page2.requests?.remove();
    }
    return answer;
  }
  function requestOf({ memory: memory2, requests }) {
    const { mailRequest } = memory2;
    return mailRequest !== void 0 && mailRequest.expiresAtMs > Date.now() ? mailRequest : requests?.read();
  }

  // browser/mail-step-up.ts
  async function mailStepUp(page2) {
    const answer = await page2.send("auth/email", { email: page2.memory.address });
    if (!isSuccess(answer)) return explain(answer);
    page2.memory.stepUpRequest = answer.body.request;
    return { kind: "view", name: "step_up_mail_code" };
  }
  async function stepUpByMailCode(page2, { mail_code: code }) {
    const outcome = await sendStepUp(page2, { email_code: code, request: page2.memory.stepUpRequest });
    if (outcome.kind === "fields") return { kind: "message", name: "mail_code_refused" };
    const isWrong = outcome.kind === "view" && outcome.name === "invalid_token";
    return isWrong ? { kind: "message", name: "mail_code_wrong" } : outcome;
  }

  // browser/own-passkeys.ts
  var FAILED3 = { kind: "message", name: "passkey_failed" };
  var makePasskey = (page2, kind) => asUser(page2, ["users/me/passkeys/options", { kind }], async ({ body: offer }) => {
    const ceremony = await page2.passkeys?.create(offer.public_key);
    if (ceremony === void 0) return FAILED3;
    if ("outcome" in ceremony) return ceremony.outcome;
    const body = { ticket: offer.ticket, credential: ceremony.credential };
    return asUser(page2, ["users/me/passkeys", body], async (answer) => {
      await renewTokens(page2);
      return showCodes(page2, answer, \`\${kind}_added\`);
    });
  });
  async function enrolPasskey(page2, values) {
    const { memory: memory2 } = page2;
    const token2 = { enrolment_token: memory2.enrolmentToken };
    if (memory2.made === void 0) {
      const offer = await page2.send("auth/enrol/passkeys/options", token2);
      if (!isSuccess(offer)) return refusedEnrolment(page2, offer);
      const ceremony = await page2.passkeys?.create(offer.body.public_key);
      if (ceremony === void 0) return FAILED3;
      if ("outcome" in ceremony) return ceremony.outcome;
      memory2.made = { ticket: offer.body.ticket, credential: ceremony.credential };
    }
    const answer = await page2.send("auth/enrol/passkeys", { ...token2, ...memory2.made, ...values });
    if (answer.body.code === "invalid_mail_code") return explain(answer);
    memory2.made = void 0;
    if (isSuccess(answer)) return enterEnrolled(page2, answer, "passkey_added");
    return answer.status === 422 ? FAILED3 : refusedEnrolment(page2, answer);
  }
  var nameChosen = (page2, { name }) => asUser(
    page2,
    [\`users/me/passkeys/\${page2.memory.chosen}\`, { name }, "PATCH"],
    () => showSecurity(page2, "passkey_named")
  );
  var dropChosen = (page2) => asUser(
    page2,
    [\`users/me/passkeys/\${page2.memory.chosen}\`, void 0, "DELETE"],
    () => showSecurity(page2, "passkey_dropped")
  );
  async function stepUpWithPasskey(page2) {
    const offer = await sendAsUser(page2, ["auth/step-up/options", void 0]);
    if (!isSuccess(offer)) return explain(offer);
    const ceremony = await page2.passkeys?.prove(offer.body.public_key);
    if (ceremony === void 0) return FAILED3;
    return "outcome" in ceremony ? ceremony.outcome : sendStepUp(page2, { ticket: offer.body.ticket, credential: ceremony.credential });
  }

  // browser/tasks.ts
  var definitions = {
    "verify-email": async ({ send: send2, token: token2 }) => conclude(await send2("auth/verify-email", { token: token2 }), "done"),
    "confirm-email": async (page2, values) => afterFirstFactor(page2, await page2.send("auth/login", values), confirmEmail),
    "confirm-email-with-code": (page2, values) => redeemCode(page2, values, confirmEmail),
    "undo-email": async ({ send: send2, token: token2 }) => conclude(await send2("auth/undo-email", { token: token2 }), "done"),
    "keep-factors": async ({ send: send2, token: token2 }) => conclude(await send2("auth/keep-factors", { token: token2 }), "done"),
    "undo-passkey": async ({ send: send2, token: token2 }) => conclude(await send2("auth/undo-passkey", { token: token2 }), "done"),
    "reset-password": async ({ send: send2, token: token2 }, values) => conclude(await send2("auth/reset-password/confirm", { token: token2, ...values }), "done"),
    "forgot-password": async ({ send: send2 }, values) => conclude(await send2("auth/reset-password", values), "sent"),
    "resend-verification": async ({ send: send2 }, values) => conclude(await send2("auth/verify-email/resend", values), "sent"),
    restore: (page2) => restore(page2, page2.token, "reset_required"),
    "sign-in-and-restore": (page2, values) => signInAndRestore(page2, values),
    "second-factor": sendSecondFactor,
    "second-factor-passkey": proveBySecondPasskey,
    "sign-in": async (page2, values) => signIn(page2, await page2.send("auth/login", values)),
    "sign-in-with-code": (page2, values) => redeemCode(page2, values, enter),
    "sign-in-with-passkey": usePasskey,
    "mail-code": askForMail,
    "sign-in-by-code": signInByCode,
    "sign-in-by-link": signInByLink,
    "accept-restore": async (page2) => afterFirstFactor(page2, await page2.send("auth/restore", { token: page2.memory.restoreToken }), enter),
    enrol: requestEnrolmentCode,
    "enrol-by-link": (page2) => {
      page2.memory.enrolmentToken = page2.token;
      return startEnrolment(page2, "link_totp");
    },
    "enrol-passkey": enrolPasskey,
    "start-totp": startTotp,
    "add-totp": submitTotp,
    "add-passkey": (page2) => makePasskey(page2, "passkey"),
    "add-security-key": (page2) => makePasskey(page2, "security_key"),
    "rename-passkey": nameChosen,
    "remove-passkey": dropChosen,
    "codes-saved": (page2) => afterCodes(page2),
    "make-codes": renewCodes,
    "remove-totp": dropTotp,
    "two-step-on": (page2) => switchTwoStep(page2, true),
    "two-step-off": (page2) => switchTwoStep(page2, false),
    "cancel-reset": stopReset,
    "step-up": sendStepUp,
    "step-up-with-passkey": stepUpWithPasskey,
    "step-up-mail": mailStepUp,
    "step-up-by-mail-code": stepUpByMailCode,
    "sign-out": signOut
  };
  var tasks = definitions;
  async function redeemCode(page2, values, goOn2) {
    const answer = await page2.send("auth/oauth/token", values);
    if (answer.body.code === "invalid_token") return { kind: "message", name: "provider_failed" };
    return afterFirstFactor(page2, answer, goOn2);
  }
  var confirmEmail = async (page2, signedIn) => {
    const session = sessionIn(signedIn);
    if (session === void 0) return { kind: "view", name: "invalid_token" };
    const answer = await page2.send("auth/verify-email", { token: page2.token }, session.accessToken);
    await endSession(page2, session.refreshToken);
    return conclude(answer, "done");
  };
  async function restore(page2, token2, onSuccess) {
    const answer = await page2.send("auth/restore", { token: token2 });
    if (isSuccess(answer)) await endSession(page2, answer.body.refresh_token);
    return conclude(answer, onSuccess);
  }
  async function signInAndRestore(page2, credentials) {
    const answer = await page2.send("auth/login", credentials);
    if (answer.body.account_status === "deleted") return restore(page2, answer.body.restore_token, "done");
    if (isSuccess(answer)) await endSession(page2, answer.body.refresh_token);
    return conclude(answer, "not_deleted");
  }

  // browser/views.ts
  var main = document.querySelector("main");
  function firstView(token2, hasRequest2) {
    const { withToken, withoutToken, withRequest, withoutRequest } = main?.dataset ?? {};
    const ofMail = hasRequest2 ? withRequest : withoutRequest;
    if (token2.startsWith("lk_signin_") && ofMail !== void 0) return ofMail;
    return (token2 === "" ? withoutToken : withToken) ?? "";
  }
  function showView(name) {
    for (const view of document.querySelectorAll("[data-view]")) view.hidden = view.dataset.view !== name;
    const path = viewNamed(name)?.dataset.path;
    if (path !== void 0 && path !== location.pathname) history.pushState(null, "", path);
    const heading = headingOf(name);
    if (heading !== null) document.title = \`\${heading.textContent} · \${main?.dataset.product}\`;
  }
  function moveToView(name) {
    showView(name);
    headingOf(name)?.focus();
  }
  var viewOf = (element) => element.closest("[data-view]")?.dataset.view ?? "";
  var viewNamed = (name) => document.querySelector(\`[data-view="\${CSS.escape(name)}"]\`);
  var headingOf = (name) => viewNamed(name)?.querySelector("h1") ?? null;

  // browser/account.ts
  var returned = takeReturn();
  var token = returned?.token ?? takeToken();
  var memory = {};
  var passkeys = passkeysOfBrowser(stopAutofill);
  var { lang: language } = document.documentElement;
  var page = { send, memory, token, language, passkeys, requests: keptRequest };
  var hasRequest = keptRequest.read() !== void 0;
  var ofBrowser = { has_passkeys: passkeys && "", has_request: hasRequest ? "" : void 0 };
  var interrupted;
  showFacts(ofBrowser);
  showView(firstView(token, hasRequest));
  for (const form of document.forms) {
    form.addEventListener("submit", onSubmit);
    form.addEventListener("reset", onReset);
  }
  for (const box of document.querySelectorAll("[data-reveals]"))
    box.addEventListener("change", onReveal);
  onClick("[data-provider]", ({ dataset }) => void leaveFor(dataset.provider ?? "", token));
  onClick("[data-copy]", (button) => void copyCodes(button));
  onClick("[data-download]", downloadCodes);
  document.addEventListener("click", ({ target }) => {
    const button = target instanceof Element && target.closest("[data-go]");
    if (button) go(button);
  });
  if (returned) goOn(returned);
  addEventListener("hashchange", () => location.reload());
  addEventListener("popstate", () => {
    leave();
    offerPasskeys();
  });
  addEventListener("pagehide", leave);
  addEventListener("pageshow", offerPasskeys);
  function onClick(selector, act) {
    for (const button of document.querySelectorAll(selector))
      button.addEventListener("click", () => act(button));
  }
  function go({ dataset: { go: view = "", row, rowName } }) {
    if (!view.startsWith("step_up_")) {
      interrupted = void 0;
      memory.interrupted = void 0;
    }
    if (row !== void 0) {
      memory.chosen = row;
      showFacts({ chosen: rowName });
    }
    moveToView(view);
    offerPasskeys();
  }
  function takeToken() {
    const { hash, pathname, search } = location;
    if (hash !== "") history.replaceState(null, "", pathname + search);
    return new URLSearchParams(hash.slice(1)).get("token") ?? "";
  }
  function leave() {
    stopAutofill();
    const { session } = memory;
    for (const name of Object.keys(memory)) delete memory[name];
    if (session === void 0) return;
    void endSession(page, session.refreshToken);
    for (const form of document.forms) form.reset();
    forgetFacts();
    showFacts(ofBrowser);
    moveToView(firstView("", false));
  }
  function offerPasskeys() {
    offerAutofill(page, (form, task) => void run(form, task));
  }
  function onSubmit(event) {
    event.preventDefault();
    const { currentTarget: form, submitter } = event;
    if (!(form instanceof HTMLFormElement) || form.ariaBusy === "true") return;
    const { task = form.dataset.task, fields } = submitter?.dataset ?? {};
    clearProblems(form);
    const values = readValues(form, fields?.split(" "));
    const problems = findFieldProblems(form, Object.keys(values));
    if (problems.length > 0) sayFieldProblems(form, problems);
    else void run(form, () => taskNamed(task)(page, values));
  }
  async function run(form, task) {
    if (form.ariaBusy === "true") return;
    form.ariaBusy = "true";
    const outcome = await task();
    form.ariaBusy = null;
    show2(form, outcome);
    offerPasskeys();
  }
  function goOn({ exchange, error }) {
    const form = document.querySelector("[data-provider]")?.closest("form");
    if (!form) return;
    void run(
      form,
      async () => exchange ? taskNamed(form.dataset.providerTask)(page, exchange) : { kind: "message", name: error === "invalid_credentials" ? "not_linked" : "provider_failed" }
    );
  }
  function taskNamed(wanted) {
    const task = Object.entries(tasks).find(([name]) => name === wanted)?.[1];
    return task ?? (async () => ({ kind: "message", name: "failed" }));
  }
  function show2(form, outcome) {
    if (outcome.kind === "view") {
      form.reset();
      if (outcome.name.startsWith("step_up_")) interrupted ??= form;
      showFacts(outcome.facts ?? {});
      moveToView(outcome.name);
      sayNotice(outcome.name, outcome.notice);
    } else if (outcome.kind === "fields") {
      sayFieldProblems(form, outcome.problems);
    } else if (outcome.kind === "message") {
      sayProblem(form, outcome.name, outcome.retryAfterSeconds);
    } else if (outcome.kind === "resumed") {
      form.reset();
      const resumed = interrupted ?? form;
      interrupted = void 0;
      if (outcome.outcome.kind !== "view") moveToView(viewOf(resumed));
      show2(resumed, outcome.outcome);
    }
  }
  function sayNotice(view, notice = "") {
    for (const place of document.querySelectorAll("[data-notice]"))
      place.textContent = viewOf(place) === view ? messageOf(notice) ?? "" : "";
  }
})();
`,
}

export const qrScript: Asset = {
  path: '/account/c88232b8f118b050.js',
  text: `/*!
MIT License

Copyright (c) Project Nayuki
Copyright (c) 2023 Anthony Fu <https://github.com/antfu>

Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.
*/
(()=>{var g=(s=>(s[s.Border=-1]="Border",s[s.Data=0]="Data",s[s.Function=1]="Function",s[s.Position=2]="Position",s[s.Timing=3]="Timing",s[s.Alignment=4]="Alignment",s))(g||{}),H=[0,1],_=[1,0],v=[2,3],N=[3,2],x={L:H,M:_,Q:v,H:N},K=/^\\d*$/,V=/^[A-Z0-9 $%*+./:-]*$/,b="0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:",B=1,y=40,R=3,W=3,p=40,j=10,F=[[-1,7,10,15,20,26,18,20,24,30,18,20,24,26,30,22,24,28,30,28,28,28,28,30,30,26,28,30,30,30,30,30,30,30,30,30,30,30,30,30,30],[-1,10,16,26,18,24,16,18,22,22,26,30,22,22,24,24,28,28,26,26,26,26,28,28,28,28,28,28,28,28,28,28,28,28,28,28,28,28,28,28,28],[-1,13,22,18,26,18,24,18,22,20,24,28,26,24,20,30,24,28,28,26,30,28,30,30,30,30,28,30,30,30,30,30,30,30,30,30,30,30,30,30,30],[-1,17,28,22,16,22,28,26,26,24,28,24,28,22,24,24,30,28,28,26,28,30,24,30,30,30,30,30,30,30,30,30,30,30,30,30,30,30,30,30,30]],L=[[-1,1,1,1,1,1,2,2,2,2,4,4,4,4,4,6,6,6,6,7,8,8,9,9,10,12,12,12,13,14,15,16,17,18,19,19,20,21,22,24,25],[-1,1,1,1,2,2,4,4,4,5,5,5,8,9,9,10,10,11,13,14,16,17,17,18,20,21,23,25,26,28,29,31,33,35,37,38,40,43,45,47,49],[-1,1,1,2,2,4,4,6,6,8,8,8,10,12,16,12,17,16,18,21,20,23,23,25,27,29,34,34,35,38,40,43,45,48,51,53,56,59,62,65,68],[-1,1,1,2,4,4,4,5,6,8,8,11,11,16,16,18,16,19,21,25,25,25,34,30,32,35,37,40,42,45,48,51,54,57,60,63,66,70,74,77,81]],P=class{constructor(t,e,n,o){if(this.version=t,this.ecc=e,t<B||t>y)throw new RangeError("Version value out of range");if(o<-1||o>7)throw new RangeError("Mask value out of range");this.size=t*4+17;let i=Array.from({length:this.size}).fill(!1);for(let l=0;l<this.size;l++)this.modules.push(i.slice()),this.types.push(i.map(()=>0));this.drawFunctionPatterns();let r=this.addEccAndInterleave(n);if(this.drawCodewords(r),o===-1){let l=1e9;for(let a=0;a<8;a++){this.applyMask(a),this.drawFormatBits(a);let c=this.getPenaltyScore();c<l&&(o=a,l=c),this.applyMask(a)}}this.mask=o,this.applyMask(o),this.drawFormatBits(o)}size;mask;modules=[];types=[];getModule(t,e){return t>=0&&t<this.size&&e>=0&&e<this.size&&this.modules[e][t]}drawFunctionPatterns(){for(let n=0;n<this.size;n++)this.setFunctionModule(6,n,n%2===0,g.Timing),this.setFunctionModule(n,6,n%2===0,g.Timing);this.drawFinderPattern(3,3),this.drawFinderPattern(this.size-4,3),this.drawFinderPattern(3,this.size-4);let t=this.getAlignmentPatternPositions(),e=t.length;for(let n=0;n<e;n++)for(let o=0;o<e;o++)n===0&&o===0||n===0&&o===e-1||n===e-1&&o===0||this.drawAlignmentPattern(t[n],t[o]);this.drawFormatBits(0),this.drawVersion()}drawFormatBits(t){let e=this.ecc[1]<<3|t,n=e;for(let i=0;i<10;i++)n=n<<1^(n>>>9)*1335;let o=(e<<10|n)^21522;for(let i=0;i<=5;i++)this.setFunctionModule(8,i,d(o,i));this.setFunctionModule(8,7,d(o,6)),this.setFunctionModule(8,8,d(o,7)),this.setFunctionModule(7,8,d(o,8));for(let i=9;i<15;i++)this.setFunctionModule(14-i,8,d(o,i));for(let i=0;i<8;i++)this.setFunctionModule(this.size-1-i,8,d(o,i));for(let i=8;i<15;i++)this.setFunctionModule(8,this.size-15+i,d(o,i));this.setFunctionModule(8,this.size-8,!0)}drawVersion(){if(this.version<7)return;let t=this.version;for(let n=0;n<12;n++)t=t<<1^(t>>>11)*7973;let e=this.version<<12|t;for(let n=0;n<18;n++){let o=d(e,n),i=this.size-11+n%3,r=Math.floor(n/3);this.setFunctionModule(i,r,o),this.setFunctionModule(r,i,o)}}drawFinderPattern(t,e){for(let n=-4;n<=4;n++)for(let o=-4;o<=4;o++){let i=Math.max(Math.abs(o),Math.abs(n)),r=t+o,l=e+n;r>=0&&r<this.size&&l>=0&&l<this.size&&this.setFunctionModule(r,l,i!==2&&i!==4,g.Position)}}drawAlignmentPattern(t,e){for(let n=-2;n<=2;n++)for(let o=-2;o<=2;o++)this.setFunctionModule(t+o,e+n,Math.max(Math.abs(o),Math.abs(n))!==1,g.Alignment)}setFunctionModule(t,e,n,o=g.Function){this.modules[e][t]=n,this.types[e][t]=o}addEccAndInterleave(t){let e=this.version,n=this.ecc;if(t.length!==M(e,n))throw new RangeError("Invalid argument");let o=L[n[0]][e],i=F[n[0]][e],r=Math.floor(z(e)/8),l=o-r%o,a=Math.floor(r/o),c=[],f=et(i);for(let u=0,E=0;u<o;u++){let w=t.slice(E,E+a-i+(u<l?0:1));E+=w.length;let D=nt(w,f);u<l&&w.push(0),c.push(w.concat(D))}let h=[];for(let u=0;u<c[0].length;u++)c.forEach((E,w)=>{(u!==a-i||w>=l)&&h.push(E[u])});return h}drawCodewords(t){if(t.length!==Math.floor(z(this.version)/8))throw new RangeError("Invalid argument");let e=0;for(let n=this.size-1;n>=1;n-=2){n===6&&(n=5);for(let o=0;o<this.size;o++)for(let i=0;i<2;i++){let r=n-i,a=(n+1&2)===0?this.size-1-o:o;!this.types[a][r]&&e<t.length*8&&(this.modules[a][r]=d(t[e>>>3],7-(e&7)),e++)}}}applyMask(t){if(t<0||t>7)throw new RangeError("Mask value out of range");for(let e=0;e<this.size;e++)for(let n=0;n<this.size;n++){let o;switch(t){case 0:o=(n+e)%2===0;break;case 1:o=e%2===0;break;case 2:o=n%3===0;break;case 3:o=(n+e)%3===0;break;case 4:o=(Math.floor(n/3)+Math.floor(e/2))%2===0;break;case 5:o=n*e%2+n*e%3===0;break;case 6:o=(n*e%2+n*e%3)%2===0;break;case 7:o=((n+e)%2+n*e%3)%2===0;break;default:throw new Error("Unreachable")}!this.types[e][n]&&o&&(this.modules[e][n]=!this.modules[e][n])}}getPenaltyScore(){let t=0;for(let i=0;i<this.size;i++){let r=!1,l=0,a=[0,0,0,0,0,0,0];for(let c=0;c<this.size;c++)this.modules[i][c]===r?(l++,l===5?t+=R:l>5&&t++):(this.finderPenaltyAddHistory(l,a),r||(t+=this.finderPenaltyCountPatterns(a)*p),r=this.modules[i][c],l=1);t+=this.finderPenaltyTerminateAndCount(r,l,a)*p}for(let i=0;i<this.size;i++){let r=!1,l=0,a=[0,0,0,0,0,0,0];for(let c=0;c<this.size;c++)this.modules[c][i]===r?(l++,l===5?t+=R:l>5&&t++):(this.finderPenaltyAddHistory(l,a),r||(t+=this.finderPenaltyCountPatterns(a)*p),r=this.modules[c][i],l=1);t+=this.finderPenaltyTerminateAndCount(r,l,a)*p}for(let i=0;i<this.size-1;i++)for(let r=0;r<this.size-1;r++){let l=this.modules[i][r];l===this.modules[i][r+1]&&l===this.modules[i+1][r]&&l===this.modules[i+1][r+1]&&(t+=W)}let e=0;for(let i of this.modules)e=i.reduce((r,l)=>r+(l?1:0),e);let n=this.size*this.size,o=Math.ceil(Math.abs(e*20-n*10)/n)-1;return t+=o*j,t}getAlignmentPatternPositions(){if(this.version===1)return[];{let t=Math.floor(this.version/7)+2,e=this.version===32?26:Math.ceil((this.version*4+4)/(t*2-2))*2,n=[6];for(let o=this.size-7;n.length<t;o-=e)n.splice(1,0,o);return n}}finderPenaltyCountPatterns(t){let e=t[1],n=e>0&&t[2]===e&&t[3]===e*3&&t[4]===e&&t[5]===e;return(n&&t[0]>=e*4&&t[6]>=e?1:0)+(n&&t[6]>=e*4&&t[0]>=e?1:0)}finderPenaltyTerminateAndCount(t,e,n){return t&&(this.finderPenaltyAddHistory(e,n),e=0),e+=this.size,this.finderPenaltyAddHistory(e,n),this.finderPenaltyCountPatterns(n)}finderPenaltyAddHistory(t,e){e[0]===0&&(t+=this.size),e.pop(),e.unshift(t)}};function m(s,t,e){if(t<0||t>31||s>>>t)throw new RangeError("Value out of range");for(let n=t-1;n>=0;n--)e.push(s>>>n&1)}function d(s,t){return(s>>>t&1)!==0}var A=class{constructor(t,e,n){if(this.mode=t,this.numChars=e,this.bitData=n,e<0)throw new RangeError("Invalid argument");this.bitData=n.slice()}getData(){return this.bitData.slice()}},Y=[1,10,12,14],G=[2,9,11,13],q=[4,8,16,16];function k(s,t){return s[Math.floor((t+7)/17)+1]}function S(s){let t=[];for(let e of s)m(e,8,t);return new A(q,s.length,t)}function X(s){if(!$(s))throw new RangeError("String contains non-numeric characters");let t=[];for(let e=0;e<s.length;){let n=Math.min(s.length-e,3);m(Number.parseInt(s.substring(e,e+n),10),n*3+1,t),e+=n}return new A(Y,s.length,t)}function Z(s){if(!O(s))throw new RangeError("String contains unencodable characters in alphanumeric mode");let t=[],e;for(e=0;e+2<=s.length;e+=2){let n=b.indexOf(s.charAt(e))*45;n+=b.indexOf(s.charAt(e+1)),m(n,11,t)}return e<s.length&&m(b.indexOf(s.charAt(e)),6,t),new A(G,s.length,t)}function J(s){return s===""?[]:$(s)?[X(s)]:O(s)?[Z(s)]:[S(tt(s))]}function $(s){return K.test(s)}function O(s){return V.test(s)}function Q(s,t){let e=0;for(let n of s){let o=k(n.mode,t);if(n.numChars>=1<<o)return Number.POSITIVE_INFINITY;e+=4+o+n.bitData.length}return e}function tt(s){s=encodeURI(s);let t=[];for(let e=0;e<s.length;e++)s.charAt(e)!=="%"?t.push(s.charCodeAt(e)):(t.push(Number.parseInt(s.substring(e+1,e+3),16)),e+=2);return t}function z(s){if(s<B||s>y)throw new RangeError("Version number out of range");let t=(16*s+128)*s+64;if(s>=2){let e=Math.floor(s/7)+2;t-=(25*e-10)*e-55,s>=7&&(t-=36)}return t}function M(s,t){return Math.floor(z(s)/8)-F[t[0]][s]*L[t[0]][s]}function et(s){if(s<1||s>255)throw new RangeError("Degree out of range");let t=[];for(let n=0;n<s-1;n++)t.push(0);t.push(1);let e=1;for(let n=0;n<s;n++){for(let o=0;o<t.length;o++)t[o]=C(t[o],e),o+1<t.length&&(t[o]^=t[o+1]);e=C(e,2)}return t}function nt(s,t){let e=t.map(n=>0);for(let n of s){let o=n^e.shift();e.push(0),t.forEach((i,r)=>e[r]^=C(i,o))}return e}function C(s,t){if(s>>>8||t>>>8)throw new RangeError("Byte out of range");let e=0;for(let n=7;n>=0;n--)e=e<<1^(e>>>7)*285,e^=(t>>>n&1)*s;return e}function st(s,t,e=1,n=40,o=-1,i=!0){if(!(B<=e&&e<=n&&n<=y)||o<-1||o>7)throw new RangeError("Invalid value");let r,l;for(r=e;;r++){let h=M(r,t)*8,u=Q(s,r);if(u<=h){l=u;break}if(r>=n)throw new RangeError("Data too long")}for(let h of[_,v,N])i&&l<=M(r,h)*8&&(t=h);let a=[];for(let h of s){m(h.mode[0],4,a),m(h.numChars,k(h.mode,r),a);for(let u of h.getData())a.push(u)}let c=M(r,t)*8;m(0,Math.min(4,c-a.length),a),m(0,(8-a.length%8)%8,a);for(let h=236;a.length<c;h^=253)m(h,8,a);let f=Array.from({length:Math.ceil(a.length/8)},()=>0);return a.forEach((h,u)=>f[u>>>3]|=h<<7-(u&7)),new P(r,t,f,o)}function T(s,t){let{ecc:e="L",boostEcc:n=!1,minVersion:o=1,maxVersion:i=40,maskPattern:r=-1,border:l=1}=t||{},a=typeof s=="string"?J(s):Array.isArray(s)?[S(s)]:void 0;if(!a)throw new Error(\`uqr only supports encoding string and binary data, but got: \${typeof s}\`);let c=st(a,x[e],o,i,r,n),f=ot({version:c.version,maskPattern:c.mask,size:c.size,data:c.modules,types:c.types},l);return t?.invert&&(f.data=f.data.map(h=>h.map(u=>!u))),t?.onEncoded?.(f),f}function ot(s,t=1){if(!t)return s;let{size:e}=s,n=e+t*2;s.size=n,s.data.forEach(i=>{for(let r=0;r<t;r++)i.unshift(!1),i.push(!1)});for(let i=0;i<t;i++)s.data.unshift(Array.from({length:n},r=>!1)),s.data.push(Array.from({length:n},r=>!1));let o=g.Border;s.types.forEach(i=>{for(let r=0;r<t;r++)i.unshift(o),i.push(o)});for(let i=0;i<t;i++)s.types.unshift(Array.from({length:n},r=>o)),s.types.push(Array.from({length:n},r=>o));return s}var U="http://www.w3.org/2000/svg",it=4,I=class extends HTMLElement{static observedAttributes=["text"];attributeChangedCallback(){let t=this.getAttribute("text")??"";this.replaceChildren(...t===""?[]:[rt(t)])}};function rt(s){let{data:t,size:e}=T(s,{ecc:"M",border:it}),n=document.createElementNS(U,"svg");n.setAttribute("viewBox",\`0 0 \${e} \${e}\`);let o=document.createElementNS(U,"path"),i=t.flatMap((r,l)=>r.map((a,c)=>a?\`M\${c} \${l}h1v1h-1z\`:""));return o.setAttribute("d",i.join("")),n.append(o),n}customElements.define("qr-code",I);})();
`,
}

export const sheet: Asset = {
  path: '/account/da86506758bdb1fb.css',
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
.button.other {
  background: transparent;
  color: var(--accent);
}
.button.other:hover {
  background: var(--page);
  color: var(--accent-strong);
}
h2 {
  margin: 2rem 0 0.5rem;
  padding-top: 1.5rem;
  font-size: 1.125rem;
  line-height: 1.25;
  border-top: 1px solid var(--edge);
}
[data-view=security] :is(p, form) {
  margin-bottom: 0.75rem;
}
.notice {
  font-weight: 600;
}
.notice::before {
  content: "✓ " / "";
  color: var(--accent);
}
.notice:empty {
  display: none;
}
.warning {
  padding: 1rem;
  background: var(--page);
  border-left: 4px solid var(--problem);
  border-radius: 0.375rem;
}
.warning h2 {
  margin-top: 0;
  padding-top: 0;
  border: 0;
}
.end {
  margin-top: 2rem;
  padding-top: 1.5rem;
  border-top: 1px solid var(--edge);
}
qr-code {
  display: block;
  width: 14rem;
  max-width: 100%;
  margin: 0 auto 1rem;
  background: #fff;
}
qr-code[hidden] {
  display: none;
}
qr-code svg {
  display: block;
  fill: #000;
}
code,
.codes {
  font-family:
    ui-monospace,
    "Cascadia Mono",
    Menlo,
    Consolas,
    monospace;
  font-size: 0.9375rem;
}
.codes li {
  padding: 0.125rem 0;
}
.row {
  display: flex;
  margin: 1rem 0 1.5rem;
  flex-wrap: wrap;
  gap: 0.75rem;
}
.rows {
  margin: 0 0 1rem;
  padding: 0;
  list-style: none;
}
.rows li {
  margin-bottom: 1rem;
  padding: 1rem;
  border: 1px solid var(--edge);
  border-radius: 0.5rem;
}
.rows .row {
  margin: 0.75rem 0 0;
}
h3 {
  margin: 0 0 0.25rem;
  font-size: 1rem;
  line-height: 1.25;
}
.chosen {
  font-weight: 600;
}
a {
  color: var(--accent);
}
.aside {
  margin-top: 1.5rem;
}
.aside:not([hidden]) ~ .aside {
  margin-top: 0.75rem;
}
:focus-visible {
  outline: 3px solid var(--accent);
  outline-offset: 2px;
}
`,
}

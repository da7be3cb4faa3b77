// Holds a server whose access is controlled, and not yet bootstrapped, to its own description: /openapi.json is valid OpenAPI 3.1 by a published
// validator, and what each GET route answers, and each write that is made here, is as it says.
//   node openapi.js HOST PORT
// Exit code 0 when everything was as it should be.
"use strict";

const assert = require("node:assert/strict");
const crypto = require("node:crypto");
const { pathToFileURL } = require("node:url");
const Ajv = require("ajv/dist/2020");

const [host, port] = process.argv.slice(2);
const base = `http://${host}:${port}`;
let token = ""; // the secret of the one that all requests present

// Answers that end when the client has heard enough.
const kEndless = ["/v1/agent/monitor"];

// What is put in for the parameter of a path; a route that is not here fails the test.
const kExamples = {
  "/v1/agent/health/service/id/{id}": ["ok", "warned", "sick", "resting", "nosuch"],
  "/v1/agent/health/service/name/{name}": ["ok", "warned", "sick", "resting", "nosuch"],
  "/v1/agent/service/{id}": ["ok", "nosuch"],
  "/v1/catalog/connect/{name}": ["web"],
  "/v1/catalog/gateway-services/{name}": ["web"],
  "/v1/catalog/node-services/{name}": ["host", "nosuch"],
  "/v1/catalog/node/{name}": ["host", "nosuch"],
  "/v1/catalog/service/{name}": ["web", "ok", "nosuch"],
  "/v1/coordinate/node/{name}": ["host", "nosuch"],
  "/v1/health/checks/{name}": ["web", "nosuch"],
  "/v1/health/connect/{name}": ["web"],
  "/v1/health/ingress/{name}": ["web"],
  "/v1/health/node/{name}": ["host", "nosuch"],
  "/v1/health/service/{name}": ["web", "ok", "nosuch"],
  "/v1/health/state/{name}": ["any", "passing", "nosuch"],
};
// There is no service mesh.
const kAlwaysEmpty = ["connect", "gateway-services", "ingress"];

class Description {
  constructor(document) {
    this.document = document;
    this.ajv = new Ajv({
      strict: true,
      allowUnionTypes: true,
      allErrors: true,
      formats: { "date-time": true },
    });
    // References lead into the components, which so are a part of every schema.
    this.ajv.addKeyword("components");
  }

  resolve(value) {
    if (value?.$ref === undefined) return value;
    return value.$ref.split("/").slice(1).reduce((at, key) => at[key], this.document);
  }

  // What is wrong with `value`; empty for nothing.
  complaints(schema, value) {
    const { schemas } = this.document.components;
    const validate = this.ajv.compile({ ...schema, components: { schemas } });
    return validate(value) ? "" : this.ajv.errorsText(validate.errors);
  }

  responseOf(operation, status) {
    const range = `${Math.floor(status / 100)}XX`;
    return this.resolve(operation.responses[status] ?? operation.responses[range]);
  }
}

function assertFits(description, schema, value, what) {
  const wrong = description.complaints(schema, value);
  assert.equal(wrong, "", `${what}: ${wrong}: ${JSON.stringify(value)}`);
}

function isEmpty(value) {
  return value === null || (Array.isArray(value) && value.length === 0);
}

// `value` with something in it that no schema of an answer lets through.
function spoiled(value) {
  if (Array.isArray(value)) return [spoiled(value[0]), ...value.slice(1)];
  return typeof value === "object" ? { ...value, Unexpected: 1 } : 1;
}

async function ask(method, target, body) {
  const headers = token === "" ? {} : { "X-Consul-Token": token };
  const response = await fetch(base + target, { method, body, headers });
  const type = (response.headers.get("content-type") ?? "").split(";")[0];
  const answer = { status: response.status, headers: response.headers, type };
  if (!kEndless.includes(target)) return { ...answer, text: await response.text() };
  await response.body.cancel();
  return { ...answer, text: "" };
}

// Every X-Consul-... of an answer is described, and what is described is there.
function checkHeaders(description, response, answer, what) {
  const described = response.headers ?? {};
  const known = Object.keys(described).map((name) => name.toLowerCase());
  for (const [name] of answer.headers) {
    if (name.startsWith("x-consul-")) assert.ok(known.includes(name), `${what}: ${name}`);
  }
  for (const [name, reference] of Object.entries(described)) {
    const value = answer.headers.get(name);
    if (name === "X-Cache" || name === "Age") continue; // only with ?cached
    assert.ok(value !== null, `${what}: no ${name}`);
    const { schema } = description.resolve(reference);
    const read = schema.type === "integer" ? Number(value) : value;
    assertFits(description, schema, read, `${what}: ${name}`);
  }
}

// Whether the answer showed anything.
function checkAnswer(description, operation, answer, what) {
  const response = description.responseOf(operation, answer.status);
  assert.ok(response, `${what}: status ${answer.status} is not described: ${answer.text}`);
  if (answer.status === 200) checkHeaders(description, response, answer, what);
  if (response.content === undefined) {
    assert.equal(answer.text, "", what);
    return true;
  }
  const content = response.content[answer.type];
  assert.ok(content, `${what}: ${answer.status}, content type "${answer.type}" is not described`);
  if (answer.type !== "application/json") return true;
  const value = JSON.parse(answer.text);
  assertFits(description, content.schema, value, what);
  if (isEmpty(value)) return false;
  // The document is open: other members may come.
  if (content.schema.$ref !== "#/components/schemas/OpenApi") {
    assert.notEqual(description.complaints(content.schema, spoiled(value)), "", `${what}: too lax`);
  }
  return true;
}

async function put(description, path, target, body, status = 200) {
  const operation = description.document.paths[path].put;
  const what = `PUT ${target}`;
  const content = operation.requestBody?.content["application/json"];
  const isJson = typeof body === "object" && !(body instanceof ArrayBuffer);
  assert.equal(content !== undefined, isJson, `${what}: body`);
  if (content) assertFits(description, content.schema, body, what);
  const answer = await ask("PUT", target, content ? JSON.stringify(body) : body);
  assert.equal(answer.status, status, `${what}: ${answer.text}`);
  checkAnswer(description, operation, answer, what);
}

// What an object of access control is made of, and what came of it.
async function made(description, path, body, method = "put") {
  const name = method.toUpperCase();
  const answer = await ask(name, path, body === undefined ? body : JSON.stringify(body));
  assert.equal(answer.status, 200, `${name} ${path}: ${answer.text}`);
  const operation = description.document.paths[path][method];
  if (body !== undefined) {
    assertFits(description, operation.requestBody.content["application/json"].schema, body, path);
  }
  checkAnswer(description, operation, answer, `${name} ${path}`);
  return JSON.parse(answer.text);
}

// From here on requests present a token that may do everything.
async function fillAccessControl(description) {
  const refused = await ask("GET", "/v1/acl/tokens");
  assert.equal(refused.status, 403);
  token = (await made(description, "/v1/acl/bootstrap")).SecretID;
  const rules = 'service "web" { policy = "read" }';
  const policy = await made(description, "/v1/acl/policy", { Name: "web", Rules: rules });
  const links = {
    Policies: [{ Name: "web" }],
    ServiceIdentities: [{ ServiceName: "web", Datacenters: ["dc1"] }],
    NodeIdentities: [{ NodeName: "host", Datacenter: "dc1" }],
  };
  const role = await made(description, "/v1/acl/role", { Name: "webs", ...links });
  const whole = { Description: "all", Roles: [{ Name: "webs" }], ...links, ExpirationTTL: "1h" };
  const held = await made(description, "/v1/acl/token", whole);
  kExamples["/v1/acl/policy/{id}"] = [policy.ID];
  kExamples["/v1/acl/policy/name/{name}"] = ["web", "global-management"];
  kExamples["/v1/acl/role/{id}"] = [role.ID, "99999999-0000-4000-8000-000000000000"];
  kExamples["/v1/acl/role/name/{name}"] = ["webs", "nosuch"];
  kExamples["/v1/acl/token/{accessor}"] = [held.AccessorID];
}

// A pair of keys of which a method knows the public one.
async function logIn(description) {
  const { publicKey, privateKey } = crypto.generateKeyPairSync("ec", { namedCurve: "P-256" });
  const method = {
    Name: "ci",
    Type: "jwt",
    DisplayName: "jobs",
    Description: "of CI",
    MaxTokenTTL: "30m",
    TokenLocality: "local",
    Config: {
      JWTValidationPubKeys: [publicKey.export({ type: "spki", format: "pem" })],
      ListClaimMappings: { groups: "groups" },
    },
  };
  await made(description, "/v1/acl/auth-method", method);
  const rule = await made(description, "/v1/acl/binding-rule", {
    Description: "deployers",
    AuthMethod: "ci",
    Selector: "ops in list.groups",
    BindType: "service",
    BindName: "web",
  });
  kExamples["/v1/acl/auth-method/{name}"] = ["ci", "nosuch"];
  kExamples["/v1/acl/binding-rule/{id}"] = [rule.ID, "99999999-0000-4000-8000-000000000000"];
  const base64url = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const iat = Math.floor(Date.now() / 1000);
  const claims = { iat, exp: iat + 3600, groups: ["ops"] };
  const text = `${base64url({ alg: "ES256" })}.${base64url(claims)}`;
  const key = { key: privateKey, dsaEncoding: "ieee-p1363" };
  const jwt = `${text}.${crypto.sign("sha256", Buffer.from(text), key).toString("base64url")}`;
  const body = { AuthMethod: "ci", BearerToken: jwt, Meta: { pod: "web-1" } };
  const held = await made(description, "/v1/acl/login", body, "post");
  const management = token;
  token = held.SecretID;
  await made(description, "/v1/acl/logout", undefined, "post");
  token = management;
}

async function fillTheCatalog(description) {
  const write = (path, body, status) => put(description, path, path, body, status);
  await write("/v1/catalog/register", {
    Node: "host",
    Address: "10.0.0.1",
    ID: "40e4a748-2192-161a-0510-9bf59fe950b5",
    NodeMeta: { rack: "a" },
    TaggedAddresses: { lan: "10.0.0.1" },
    Service: {
      ID: "web-1",
      Service: "web",
      Kind: "connect-proxy",
      Tags: ["v1"],
      Meta: { team: "x" },
      Address: "10.0.0.2",
      Port: 80,
      SocketPath: "/run/web",
      TaggedAddresses: { wan: { Address: "192.0.2.1", Port: 8080 } },
      Weights: { Passing: 3, Warning: 1 },
      EnableTagOverride: true,
    },
    Checks: [
      {
        CheckID: "web-up",
        Status: "passing",
        ServiceID: "web-1",
        Definition: { HTTP: "http://10.0.0.2/", Header: { A: ["b"] }, Interval: "10s", Timeout: "1s" },
      },
      { CheckID: "alive", Status: "passing", Definition: { TTL: "1h" } },
    ],
  });
  await write("/v1/catalog/register", { Node: "plain", Address: "10.0.0.9" });
  // Not by the description either.
  await assert.rejects(write("/v1/catalog/register", {}, 400), /required property 'Node'/);
  await write("/v1/catalog/heartbeat", { Node: "host", CheckIDs: ["alive"] });
  await write("/v1/catalog/heartbeat", { Node: "host", CheckIDs: ["nosuch"] }, 404);
  const where = { Vec: [1, 0, 0, 0, 0, 0, 0, 0], Error: 1.5, Adjustment: 0, Height: 0.00001 };
  await write("/v1/coordinate/update", { Node: "host", Coord: where });
  const fire = "/v1/event/fire/{name}";
  await put(description, fire, "/v1/event/fire/deploy?service=web&tag=v1", "payload");
  await put(description, fire, "/v1/event/fire/empty");
}

async function fillTheOwnNode(description) {
  const states = { ok: "passing", warned: "warning", sick: "critical", resting: "passing" };
  for (const [name, Status] of Object.entries(states)) {
    const path = "/v1/agent/service/register";
    await put(description, path, path, {
      Name: name,
      Port: 80,
      Address: "10.0.0.3",
      Tags: ["t"],
      Check: { TTL: "1h", Status },
    });
  }
  const enter = "/v1/agent/service/maintenance/{id}";
  await put(description, enter, "/v1/agent/service/maintenance/resting?enable=true&reason=x");
  await put(description, enter, "/v1/agent/service/maintenance/nosuch?enable=true", undefined, 404);
  const pass = "/v1/agent/check/pass/{id}";
  await put(description, pass, "/v1/agent/check/pass/service:ok?note=good");
  await put(description, pass, "/v1/agent/check/pass/nosuch", undefined, 404);
  const update = "/v1/agent/check/update/{id}";
  const body = { Status: "passing", Output: "better" };
  await put(description, update, "/v1/agent/check/update/service:ok", body);
}

async function putBackTheSnapshot(description) {
  const headers = { "X-Consul-Token": token };
  const snapshot = await (await fetch(`${base}/v1/snapshot`, { headers })).arrayBuffer();
  const path = "/v1/snapshot";
  await put(description, path, path, snapshot, 409);
  await put(description, path, `${path}?merge`, snapshot);
  await put(description, path, `${path}?merge`, "something else", 400);
}

async function readEverything(description) {
  let read = 0;
  for (const [path, { get }] of Object.entries(description.document.paths)) {
    if (get === undefined) continue;
    const values = path.includes("{") ? kExamples[path] : [""];
    assert.ok(values, `no example of ${path}`);
    let shown = false;
    for (const value of values) {
      const target = path.replace(/\{.*\}/, value);
      const answer = await ask("GET", target);
      shown = checkAnswer(description, get, answer, `GET ${target}`) || shown;
      read += 1;
    }
    const empty = kAlwaysEmpty.some((word) => path.includes(`/${word}/`));
    assert.equal(shown, !empty, `${path} shows something`);
  }
  return read;
}

async function main() {
  const { Validator } = await import(
    pathToFileURL(require.resolve("@seriousme/openapi-schema-validator"))
  );
  const document = JSON.parse((await ask("GET", "/openapi.json")).text);
  const validator = new Validator();
  const checked = await validator.validate(structuredClone(document));
  assert.ok(checked.valid, JSON.stringify(checked.errors, null, 2));
  assert.equal(validator.version, "3.1");

  const description = new Description(document);
  await fillAccessControl(description);
  await logIn(description);
  await fillTheCatalog(description);
  await fillTheOwnNode(description);
  await putBackTheSnapshot(description);
  const read = await readEverything(description);
  assert.ok(read >= Object.keys(kExamples).length);
  console.log("done");
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});

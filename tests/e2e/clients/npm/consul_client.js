// The `consul` client from npm does to a registry what a program with it does: registers with a TTL
// check, sends heartbeats, lists, watches with the client's own watch helper, deregisters.
//   node consul_client.js HOST PORT [TOKEN]
// Exit code 0 when everything was as it should be. Nothing here is timed but by the TTL itself.
"use strict";

const assert = require("node:assert/strict");
const Consul = require("consul");

const [host, port, token] = process.argv.slice(2);
const consul = new Consul({ host, port: Number(port), defaults: token ? { token } : {} });

// What the watch has seen: the instances of the service, each change a line of "id:status".
class WatchedService {
  constructor(name) {
    this.changes = [];
    this.errors = [];
    this.wake = () => {};
    this.watch = consul.watch({
      method: consul.health.service,
      options: { service: name, wait: "60s" },
      backoffFactor: 100,
    });
    this.watch.on("change", (instances, response) => {
      const line = instances.map((each) => `${each.Service.ID}:${worst(each.Checks)}`);
      this.changes.push({ line: line.sort().join(" "), index: response.headers["x-consul-index"] });
      this.wake();
    });
    this.watch.on("error", (error) => {
      this.errors.push(error);
      this.wake();
    });
  }

  // Waits until the watch has told of `line` since the last call, and forgets what it told before.
  async sees(line) {
    for (;;) {
      assert.deepEqual(this.errors, []);
      const at = this.changes.findIndex((change) => change.line === line);
      if (at >= 0) {
        this.changes.splice(0, at + 1);
        return;
      }
      await new Promise((resolve) => (this.wake = resolve));
    }
  }

  end() {
    this.watch.end();
  }
}

function worst(checks) {
  const of = checks.map((check) => check.Status);
  return ["critical", "warning", "passing"].find((status) => of.includes(status)) || "passing";
}

async function registers(watched) {
  await watched.sees("");
  await consul.agent.service.register({
    id: "web-1",
    name: "web",
    address: "127.0.0.1",
    port: 8081,
    tags: ["v1", "http"],
    meta: { team: "blue" },
    check: { ttl: "60s", notes: "kept alive by the test" },
  });
  // Nobody has passed it yet.
  await watched.sees("web-1:critical");
  await consul.agent.check.pass({ id: "service:web-1", note: "ready" });
  await watched.sees("web-1:passing");
  await consul.agent.service.register({
    id: "web-2",
    name: "web",
    address: "127.0.0.2",
    port: 8082,
    checks: [{ ttl: "60s", status: "passing" }],
  });
  await watched.sees("web-1:passing web-2:passing");
}

async function lists() {
  const self = await consul.agent.self();
  const node = self.Config.NodeName;
  assert.equal(self.Config.Datacenter, "dc1");
  assert.deepEqual(await consul.catalog.datacenters(), ["dc1"]);
  assert.ok((await consul.catalog.nodes()).some((each) => each.Node === node));
  assert.deepEqual((await consul.catalog.services()).web.sort(), ["http", "v1"]);
  const catalog = await consul.catalog.service.nodes("web");
  assert.deepEqual(catalog.map((each) => each.ServiceID).sort(), ["web-1", "web-2"]);
  const tagged = await consul.catalog.service.nodes({ service: "web", tag: "v1" });
  assert.deepEqual(tagged.map((each) => each.ServiceID), ["web-1"]);
  const whole = await consul.catalog.node.services(node);
  assert.equal(whole.Services["web-1"].Port, 8081);

  const services = await consul.agent.services();
  assert.deepEqual(services["web-1"].Tags, ["v1", "http"]);
  assert.deepEqual(services["web-1"].Meta, { team: "blue" });
  const checks = await consul.agent.checks();
  assert.equal(checks["service:web-1"].Output, "ready");
  assert.equal(checks["service:web-1"].Notes, "kept alive by the test");
  const passing = await consul.health.service({ service: "web", passing: true });
  assert.equal(passing.length, 2);
  const ofNode = await consul.health.node(node);
  assert.ok(ofNode.some((check) => check.CheckID === "service:web-1"));
  assert.equal((await consul.health.checks("web")).length, 2);
  assert.deepEqual(await consul.health.state("critical"), []);
  assert.match(await consul.status.leader(), /:\d+$/);
  assert.equal((await consul.status.peers()).length, 1);
}

async function changesHealth(watched) {
  await consul.agent.check.warn({ id: "service:web-1", note: "slow" });
  await watched.sees("web-1:warning web-2:passing");
  await consul.agent.check.fail("service:web-1");
  await watched.sees("web-1:critical web-2:passing");
  const passing = await consul.health.service({ service: "web", passing: true });
  assert.deepEqual(passing.map((each) => each.Service.ID), ["web-2"]);
  await consul.agent.check.pass("service:web-1");
  await watched.sees("web-1:passing web-2:passing");
}

async function heartbeatsKeepAlive() {
  const beating = new WatchedService("beating");
  await beating.sees("");
  await consul.agent.service.register({ name: "beating", check: { ttl: "3s", status: "passing" } });
  await beating.sees("beating:passing");
  for (let beat = 0; beat < 20; ++beat) {
    await consul.agent.check.pass("service:beating");
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  // Longer than the TTL, and no heartbeat was a change that a watcher is told of.
  assert.deepEqual(beating.changes, []);
  // No more of them.
  await beating.sees("beating:critical");
  await consul.agent.service.deregister("beating");
  await beating.sees("");
  beating.end();
}

async function registersChecks(watched) {
  await consul.agent.check.register({ id: "extra", name: "extra", serviceid: "web-2", ttl: "60s" });
  await watched.sees("web-1:passing web-2:critical");
  await consul.agent.check.deregister("extra");
  await watched.sees("web-1:passing web-2:passing");
}

async function deregisters(watched) {
  await consul.agent.service.deregister("web-1");
  await watched.sees("web-2:passing");
  await consul.agent.service.deregister("web-2");
  await watched.sees("");
  assert.equal((await consul.catalog.services()).web, undefined);
}

async function main() {
  const watched = new WatchedService("web");
  const steps = { registers, lists, changesHealth, heartbeatsKeepAlive, registersChecks, deregisters };
  for (const [name, step] of Object.entries(steps)) {
    console.log(name);
    await step(watched);
  }
  watched.end();
  console.log("done");
}

main().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);

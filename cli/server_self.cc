#include "cli/server_self.h"

#include <spdlog/spdlog.h>

#include <boost/uuid/random_generator.hpp>
#include <boost/uuid/uuid_io.hpp>
#include <utility>

#include "api/server_card.h"
#include "cli/store_wait.h"
#include "cli/tls_settings.h"

namespace rollcall::cli {
namespace {

// The server's own node, as a Consul server has it: clients look for these.
model::Register OwnNode(const ServerOptions& options, const catalog::Snapshot& snapshot) {
  model::Register command;
  model::Node& node = command.node;
  node.name = options.node;
  node.address = options.advertise;
  const catalog::NodeEntry* known = snapshot.FindNode(node.name);
  node.id = known != nullptr && !known->node->id.empty()
                ? known->node->id.str()
                : boost::uuids::to_string(boost::uuids::random_generator()());
  const std::string family = options.advertise.find(':') == std::string::npos ? "_ipv4" : "_ipv6";
  node.tagged_addresses = {{"lan", node.address},
                           {"lan" + family, node.address},
                           {"wan", node.address},
                           {"wan" + family, node.address}};
  return command;
}

model::Register OwnService(model::Register command, int http_port) {
  model::Instance instance;
  instance.id = api::kServerServiceId;
  instance.service = api::kServerServiceId;
  instance.port = http_port;
  command.instance = std::move(instance);
  model::Check alive;
  alive.check_id = api::kNodeAliveCheckId;
  alive.name = "Serf Health Status";
  alive.status = model::CheckStatus::kPassing;
  alive.output = "Agent alive and reachable";
  command.checks.push_back(std::move(alive));
  return command;
}

Result<void> TryToRegisterSelf(catalog::Catalog& catalog, const ServerOptions& options,
                               int http_port) {
  model::Register node = OwnNode(options, *catalog.snapshots().Get());
  if (auto written = catalog.SubmitAndWait(node); !written) return written.error();
  auto written = catalog.SubmitAndWait(OwnService(std::move(node), http_port));
  if (!written) return written.error();
  return {};
}

}  // namespace

Result<bool> RegisterSelf(catalog::Catalog& catalog, const ServerOptions& options, int http_port) {
  StoreWait wait;
  while (true) {
    const Result<void> registered = TryToRegisterSelf(catalog, options, http_port);
    if (registered) return wait.End(), true;
    if (!catalog.is_shared() || !wait.IsWorthAnotherTry(registered.error())) {
      if (wait.was_stopped()) return false;
      return registered.error();
    }
  }
}

void RegisterSelfAgain(catalog::Catalog& catalog, const ServerOptions& options, int http_port,
                       std::function<void()> done) {
  model::Register node = OwnNode(options, *catalog.snapshots().Get());
  catalog.Submit(OwnService(std::move(node), http_port),
                 [done = std::move(done)](const Result<catalog::Written>& written) {
                   if (!written) {
                     spdlog::warn("cannot register this server: {}", written.error().message);
                   }
                   done();
                 });
}

std::string AboutSelf(const ServerOptions& options, const api::ServerInfo& info) {
  const bool by_https = OthersComeByHttps(options);
  const int port = by_https ? info.https_port : info.api_port();
  return api::ServerCard{info.node_name,
                         api::HostInUrl(options.advertise) + ":" + std::to_string(port),
                         info.version, by_https}
      .ToText();
}

ExpiryLink::Tls AmongServers(const ServerOptions& options) {
  return {.files = {.authorities = options.tls_ca_file,
                    .certificate = options.tls_cert_file,
                    .key = options.tls_key_file,
                    .min_version = options.tls_min_version},
          .server_name = "server." + options.datacenter + "." + options.domain};
}

}  // namespace rollcall::cli

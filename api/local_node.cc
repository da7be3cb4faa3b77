#include "api/local_node.h"

#include "api/api_worker.h"
#include "registry/base/ascii.h"

namespace rollcall::api {

bool IsServersOwn(const model::Instance& instance) {
  return EqualsIgnoreCase(instance.id, kServerServiceId);
}

bool IsServersOwn(const model::Check& check) {
  return EqualsIgnoreCase(check.service_id, kServerServiceId) ||
         (EqualsIgnoreCase(check.check_id, kNodeAliveCheckId) && check.service_id.empty());
}

const catalog::InstanceEntry* FindLocalInstance(const catalog::Snapshot& snapshot,
                                                const ServerInfo& info, std::string_view id) {
  const catalog::InstanceEntry* entry = snapshot.FindInstance(info.node_name, id);
  return entry == nullptr || IsServersOwn(*entry->instance) ? nullptr : entry;
}

model::Register OnOwnNode(const ServerInfo& info) {
  model::Register command;
  command.node.name = info.node_name;
  command.node.address = info.address;
  command.skip_node_update = true;
  command.keep_check_status = true;
  return command;
}

std::string HostInUrl(const std::string& address) {
  return address.find(':') == std::string::npos ? address : "[" + address + "]";
}

std::string ServerAddress(const ServerInfo& info) { return HostInUrl(info.address) + kServerPort; }

}  // namespace rollcall::api

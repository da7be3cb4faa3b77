#include "registry/model/maintenance.h"

#include "registry/base/ascii.h"

namespace rollcall::model {
namespace {

constexpr std::string_view kNodeCheckId = "_node_maintenance";
constexpr std::string_view kServiceCheckIdPrefix = "_service_maintenance:";

std::string NoReason(std::string_view what) {
  return "Maintenance mode is enabled for this " + std::string(what) +
         ", but no reason was provided. This is a default message.";
}

}  // namespace

bool IsMaintenance(const Check& check) {
  return check.check_id == kNodeCheckId || check.check_id.view().starts_with(kServiceCheckIdPrefix);
}

bool TakesAnothersMaintenance(std::string_view check_id, std::string_view service_id) {
  if (EqualsIgnoreCase(check_id, kNodeCheckId)) return !service_id.empty();
  if (!EqualsIgnoreCase(check_id.substr(0, kServiceCheckIdPrefix.size()), kServiceCheckIdPrefix)) {
    return false;
  }
  return !EqualsIgnoreCase(check_id.substr(kServiceCheckIdPrefix.size()), service_id);
}

AgentCheck MaintenanceCheck(std::string_view service_id, std::string_view reason) {
  const bool is_node = service_id.empty();
  AgentCheck check;
  check.check_id = is_node ? kNodeCheckId : kServiceCheckIdPrefix;
  check.check_id += service_id;
  check.name = is_node ? "Node Maintenance Mode" : "Service Maintenance Mode";
  check.notes = reason.empty() ? NoReason(is_node ? "node" : "service") : std::string(reason);
  check.service_id = service_id;
  check.status = CheckStatus::kCritical;
  check.run.kind = CheckKind::kMaintenance;
  return check;
}

}  // namespace rollcall::model

#include "agent/alias.h"

#include "registry/base/ascii.h"

namespace rollcall::agent {

using model::CheckStatus;

AliasVerdict JudgeAlias(std::string_view service_id, bool service_exists, std::string_view node,
                        std::span<const std::shared_ptr<const model::Check>> checks) {
  if (!service_id.empty() && !service_exists) {
    return {CheckStatus::kCritical, "Service " + std::string(service_id) +
                                        " could not be found on node " + std::string(node)};
  }
  const model::Check* worst = nullptr;
  for (const auto& check : checks) {
    if (!check->service_id.empty() && !EqualsIgnoreCase(check->service_id, service_id)) continue;
    if (worst == nullptr || check->status > worst->status) worst = check.get();
  }
  if (worst == nullptr) return {CheckStatus::kPassing, "No checks found."};
  if (worst->status == CheckStatus::kPassing) return {worst->status, "All checks passing."};
  return {worst->status,
          "Aliased check \"" + worst->name + "\" failing: " + std::string(worst->output)};
}

}  // namespace rollcall::agent

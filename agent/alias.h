// What an alias check says: the worst of the checks of a service of this host, and of those of the
// node, in Consul's words. Pure functions: any thread.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "registry/model/records.h"

namespace rollcall::agent {

struct AliasVerdict {
  model::CheckStatus status = model::CheckStatus::kCritical;
  std::string output;
};

// `checks` are all of the node but the alias itself. `service_id` empty: an alias of the node, for
// which its own checks alone count. `service_exists`: whether there is such a service.
AliasVerdict JudgeAlias(std::string_view service_id, bool service_exists, std::string_view node,
                        std::span<const std::shared_ptr<const model::Check>> checks);

}  // namespace rollcall::agent

#include "agent/desired_state.h"

namespace rollcall::agent {

OwnIds IdsOf(const DesiredState& desired) {
  OwnIds ids;
  for (const auto& [id, instance] : desired.instances) ids.instances.insert(id);
  for (const auto& [id, check] : desired.checks) ids.checks.insert(id);
  return ids;
}

}  // namespace rollcall::agent

#include "registry/catalog/signs_of_life.h"

#include <variant>

namespace rollcall::catalog {
namespace {

// A check that a command names with the status that it has already: nothing to write, but a sign
// of life from its owner.
void RenewIfAlive(const CheckEntry* entry, model::CheckStatus status, Clock::TimePoint now,
                  Renewals* renewals) {
  if (entry == nullptr || entry->ttl == nullptr) return;
  if (status == model::CheckStatus::kCritical || entry->check->status != status) return;
  entry->ttl->Renew(now);
  if (renewals != nullptr) renewals->Note(entry->ttl, now);
}

}  // namespace

void RenewDeadlines(const model::Command& command, const Snapshot& state, Clock::TimePoint now,
                    Renewals* renewals) {
  if (const auto* put = std::get_if<model::Register>(&command)) {
    for (const model::Check& check : put->checks) {
      const CheckEntry* entry = state.FindCheck(put->node.name, check.check_id);
      const bool keeps = put->keep_check_status && entry != nullptr;
      RenewIfAlive(entry, keeps ? entry->check->status : check.status, now, renewals);
    }
  } else if (const auto* update = std::get_if<model::UpdateCheck>(&command)) {
    RenewIfAlive(state.FindCheck(update->node, update->check_id), update->status, now, renewals);
  }
}

}  // namespace rollcall::catalog

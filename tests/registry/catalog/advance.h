// Lets a catalog's time pass, in tests with a clock of their own.
#pragma once

#include <chrono>
#include <functional>

#include "registry/catalog/catalog.h"
#include "registry/catalog/timer_wheel.h"
#include "registry/model/command.h"
#include "tests/registry/catalog/fake_clock.h"

namespace rollcall::catalog {

// Waits until the writer has done what falls due: at a pace of its own, which follows the real
// clock (expiry_pace.h). Returns after a while although it is not `done`, for the test to say so.
inline void AdvanceUntil(FakeClock& clock, Catalog& catalog, std::chrono::nanoseconds by,
                         const std::function<bool()>& done) {
  clock.Advance(by + 2 * TimerWheel::kTick);
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  do {
    static_cast<void>(catalog.SubmitAndWait(model::Deregister{"no such node", "", ""}));
  } while (!done() && std::chrono::steady_clock::now() < patience);
}

}  // namespace rollcall::catalog

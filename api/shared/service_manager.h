// What systemd wants to hear of a service of Type=notify, over the protocol of sd_notify(3): a
// datagram to the socket that $NOTIFY_SOCKET names. Without that variable nothing is said. Any
// thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace rollcall::api {

// `state`: lines like "READY=1", "RELOADING=1", "STOPPING=1", "WATCHDOG=1", "STATUS=...". False
// when nobody was told.
bool NotifyServiceManager(const std::string& state);

// "RELOADING=1" with the time that systemd wants with it.
std::string ReloadingState();

// How often "WATCHDOG=1" has to be said: half of what the unit's WatchdogSec allows. Nothing when
// this process is not watched.
std::optional<std::chrono::microseconds> WatchdogInterval();

}  // namespace rollcall::api

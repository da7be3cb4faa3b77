// rollcall-agent. What runs: the loop on the main thread (checks, HTTP, DNS, signals), the sync
// with the registry on a second one, and the keeper of the data directory on a third.
//
// Order of shutdown, on SIGTERM or SIGINT:
//   1. the loop stops: no check reports any more, no request is answered;
//   2. the listeners are closed;
//   3. the sync deregisters the node (leave_on_terminate) and its thread ends;
//   4. the token of the agent's login is logged out;
//   5. what is still to be kept is written, and the keeper's thread ends;
//   6. the state, the checks and last the loop are destroyed.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <exception>
#include <functional>
#include <iostream>
#include <memory>
#include <optional>
#include <variant>

#include "agent/agent.h"
#include "agent/config_files.h"
#include "agent/flags.h"
#include "agent/local_state.h"
#include "agent/open_files.h"
#include "agent/options.h"
#include "api/shared/log_monitor.h"
#include "api/shared/process_log.h"
#include "api/shared/service_manager.h"
#include "cli/build_info.h"
#include "registry/base/clock.h"

namespace rollcall::agent {
namespace {

constexpr int kSuccess = 0;
constexpr int kConfigurationError = 1;

int Refuse(const Error& error) {
  std::cerr << "rollcall-agent: " << error.message << "\n";
  return kConfigurationError;
}

spdlog::level::level_enum LogLevelOf(const Options& options) {
  return spdlog::level::from_str(options.log_level == "error" ? "err" : options.log_level);
}

void WaitForHangUp(boost::asio::signal_set& signals, std::function<void()> on_hang_up) {
  signals.async_wait(
      [&signals, on_hang_up = std::move(on_hang_up)](boost::system::error_code cancelled, int) {
        if (cancelled) return;
        on_hang_up();
        WaitForHangUp(signals, on_hang_up);
      });
}

// Tells systemd that the loop goes round, where the unit says WatchdogSec: an agent whose loop
// hangs is killed and started again.
class Watchdog {
 public:
  explicit Watchdog(boost::asio::io_context& loop)
      : interval_(api::WatchdogInterval()), timer_(loop) {
    if (interval_) Wait();
  }

 private:
  void Wait() {
    timer_.expires_after(*interval_);
    timer_.async_wait([this](boost::system::error_code cancelled) {
      if (cancelled) return;
      api::NotifyServiceManager("WATCHDOG=1");
      Wait();
    });
  }

  const std::optional<std::chrono::microseconds> interval_;
  boost::asio::steady_timer timer_;
};

Result<Definitions> ReadDefinitions(const Flags& flags) {
  Result<ConfigFiles> files = ReadConfigFiles(flags.config_paths, flags.settings);
  if (!files) return files.error();
  return std::move(files->definitions);
}

// What it may say anew while the agent runs: which certificates, whom to trust, which tokens.
Result<SecurityOptions> ReadSecurityAgain(const Flags& flags, const Options& running) {
  Result<ConfigFiles> files = ReadConfigFiles(flags.config_paths, flags.settings);
  if (!files) return files.error();
  Result<SecurityOptions> security = ResolveSecurity(
      files->settings.security, {.datacenter = files->settings.datacenter.value_or("dc1"),
                                 .domain = files->settings.domain.value_or("consul"),
                                 .servers = running.servers,
                                 .serves_https = running.https.has_value()});
  if (security && security->tls_name != running.security.tls_name) {
    spdlog::warn(
        "reload: changed, but only a restart applies it: the name of the servers' certificates");
  }
  return security;
}

// `rollcall-agent validate`: what a start, or a reload, would say.
int Validate(const Flags& flags) {
  const Result<ConfigFiles> files = ReadConfigFiles(flags.config_paths, flags.settings);
  if (!files) return Refuse(files.error());
  if (Result<void> good = CheckSettings(files->settings); !good) return Refuse(good.error());
  const SteadyClock clock;
  const LocalState nothing({}, {}, clock, {});
  const Definitions& definitions = files->definitions;
  if (Result<void> good = nothing.CheckFileDefinitions(definitions); !good) {
    return Refuse(good.error());
  }
  std::cout << "Configuration is valid: " << definitions.services.size() << " services, "
            << definitions.checks.size() << " checks of their own, " << definitions.watches.size()
            << " watches\n";
  return kSuccess;
}

int Run(const Flags& flags) {
  const Result<ConfigFiles> files = ReadConfigFiles(flags.config_paths, flags.settings);
  if (!files) return Refuse(files.error());
  const Result<Options> options = ResolveOptions(files->settings);
  if (!options) return Refuse(options.error());
  api::LogMonitor log;
  api::SetUpLog("rollcall-agent", LogLevelOf(*options), log);
  const size_t open_files = RaiseOpenFileLimit();

  boost::asio::io_context loop(1);
  boost::asio::signal_set stop(loop, SIGTERM, SIGINT);
  boost::asio::signal_set hang_up(loop, SIGHUP);
  auto departure = options->leave_on_terminate ? RegistrySync::Departure::kDeregister
                                               : RegistrySync::Departure::kStay;
  Result<std::unique_ptr<Agent>> agent = Agent::Start(
      loop, *options, files->definitions,
      {.build = {ROLLCALL_VERSION, cli::kBuildInfo.revision, cli::kBuildInfo.revision_date},
       .log = &log,
       .max_http_connections = MaxHttpConnections(open_files),
       .read_definitions = [&flags] { return ReadDefinitions(flags); },
       .read_security = [&flags, &options] { return ReadSecurityAgain(flags, *options); },
       .leave =
           [&loop, &departure] {
             departure = RegistrySync::Departure::kDeregister;
             loop.stop();
           }});
  if (!agent) return Refuse(agent.error());
  stop.async_wait([&loop](boost::system::error_code cancelled, int) {
    if (!cancelled) loop.stop();
  });
  WaitForHangUp(hang_up, [&] { (void)(*agent)->Reload(); });
  Watchdog watchdog(loop);
  api::NotifyServiceManager("READY=1");
  loop.run();

  spdlog::info("stopping");
  api::NotifyServiceManager("STOPPING=1");
  (*agent)->Stop(departure);
  return kSuccess;
}

}  // namespace
}  // namespace rollcall::agent

int main(int argc, char** argv) {
  // A peer that closes its connection is an error of that write, not the end of the agent.
  std::signal(SIGPIPE, SIG_IGN);
  try {
    const auto flags = rollcall::agent::ParseFlags(argc, argv, ROLLCALL_VERSION);
    if (const auto* done = std::get_if<rollcall::agent::ExitCode>(&flags)) return done->value;
    const auto& wanted = std::get<rollcall::agent::Flags>(flags);
    return wanted.validate ? rollcall::agent::Validate(wanted) : rollcall::agent::Run(wanted);
  } catch (const std::exception& error) {
    std::cerr << "rollcall-agent: " << error.what() << "\n";
    return 1;
  }
}

// rollcall-agent. What runs: the loop on the main thread (checks, HTTP, DNS, signals) and the sync
// with the registry on a second one.
//
// Order of shutdown, on SIGTERM or SIGINT:
//   1. the loop stops: no check reports any more, no request is answered;
//   2. the listeners are closed;
//   3. the sync deregisters the node (leave_on_terminate) and its thread ends;
//   4. the state, the checks and last the loop are destroyed.
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <exception>
#include <functional>
#include <iostream>
#include <variant>

#include "agent/agent.h"
#include "agent/config_files.h"
#include "agent/flags.h"
#include "agent/options.h"

namespace rollcall::agent {
namespace {

constexpr int kSuccess = 0;
constexpr int kConfigurationError = 1;

int Refuse(const Error& error) {
  std::cerr << "rollcall-agent: " << error.message << "\n";
  return kConfigurationError;
}

void SetUpLog(const std::string& level) {
  spdlog::set_default_logger(spdlog::stderr_logger_mt("rollcall-agent"));
  spdlog::set_level(spdlog::level::from_str(level));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %v");
}

void Reload(Agent& agent, const std::vector<std::string>& config_paths) {
  const Result<ConfigFiles> files = ReadConfigFiles(config_paths);
  const Result<void> done = files ? agent.Reload(files->definitions) : files.error();
  if (done) {
    spdlog::info("reloaded the definitions");
  } else {
    spdlog::error("reload refused, nothing has changed: {}", done.error().message);
  }
}

void WaitForHangUp(boost::asio::signal_set& signals, std::function<void()> on_hang_up) {
  signals.async_wait(
      [&signals, on_hang_up = std::move(on_hang_up)](boost::system::error_code cancelled, int) {
        if (cancelled) return;
        on_hang_up();
        WaitForHangUp(signals, on_hang_up);
      });
}

int Run(const Flags& flags) {
  const Result<ConfigFiles> files = ReadConfigFiles(flags.config_paths);
  if (!files) return Refuse(files.error());
  const Result<Options> options = ResolveOptions(Merge(flags.settings, files->settings));
  if (!options) return Refuse(options.error());
  SetUpLog(options->log_level);

  boost::asio::io_context loop(1);
  boost::asio::signal_set stop(loop, SIGTERM, SIGINT);
  boost::asio::signal_set hang_up(loop, SIGHUP);
  Result<std::unique_ptr<Agent>> agent =
      Agent::Start(loop, *options, files->definitions, ROLLCALL_VERSION);
  if (!agent) return Refuse(agent.error());
  stop.async_wait([&loop](boost::system::error_code cancelled, int) {
    if (!cancelled) loop.stop();
  });
  WaitForHangUp(hang_up, [&] { Reload(**agent, flags.config_paths); });
  loop.run();

  spdlog::info("stopping");
  (*agent)->Stop(options->leave_on_terminate ? RegistrySync::Departure::kDeregister
                                             : RegistrySync::Departure::kStay);
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
    return rollcall::agent::Run(std::get<rollcall::agent::Flags>(flags));
  } catch (const std::exception& error) {
    std::cerr << "rollcall-agent: " << error.what() << "\n";
    return 1;
  }
}

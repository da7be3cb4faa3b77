#include "agent/probe/stream_probe.h"

#include <utility>

namespace rollcall::probe {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

StreamProbe::StreamProbe(asio::io_context& loop, std::string what, std::chrono::nanoseconds timeout)
    : Probe(loop, std::move(what), timeout), resolver_(loop), stream_(loop) {}

void StreamProbe::Close() {
  resolver_.cancel();
  stream_.close();
}

void StreamProbe::Connect(const HostPort& where) {
  if (const auto endpoint = EndpointOf(where)) return ConnectTo(*endpoint);
  resolver_.async_resolve(
      where.host, std::to_string(where.port),
      [this, self = shared_from_this()](error_code error, const auto& endpoints) {
        if (is_done()) return;
        if (error) return Fail(error.message());
        ConnectTo(endpoints);
      });
}

void StreamProbe::ConnectTo(const tcp::resolver::results_type& endpoints) {
  stream_.async_connect(endpoints,
                        [this, self = shared_from_this()](error_code error, const tcp::endpoint&) {
                          if (is_done()) return;
                          if (error) return Fail(error.message());
                          OnConnected();
                        });
}

}  // namespace rollcall::probe

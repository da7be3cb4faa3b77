// DnsTcpExchange: one query to one DNS server over TCP, and its answer (RFC 7766), over a
// connection that it has for itself meanwhile. It has no deadline: its owner stops it.
//
// Everything runs on the loop's thread. It keeps itself alive until it has ended or was stopped.
#pragma once

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <functional>
#include <memory>

#include "agent/dns_message.h"
#include "agent/dns_tcp_upstream.h"

namespace rollcall::agent {

class DnsTcpExchange : public std::enable_shared_from_this<DnsTcpExchange> {
 public:
  enum class Verdict : uint8_t { kGood, kBad };  // whether the connection can be used again
  // Of the octets that came, or none: no connection, or it ended.
  using OnEnd = std::function<Verdict(DnsView)>;

  DnsTcpExchange(boost::asio::io_context& loop, const std::shared_ptr<DnsTcpUpstream>& upstream,
                 DnsView query, OnEnd on_end);

  // `on_end` is called once, and never before this has returned.
  void Start();
  // Nothing is called back after that.
  void Stop();

 private:
  void Connect();
  void Write();
  void ReadLength();
  void ReadAnswer();
  void OnBroken();
  void End(DnsView answer);

  const std::weak_ptr<DnsTcpUpstream> upstream_;
  const boost::asio::ip::tcp::endpoint server_;
  boost::asio::ip::tcp::socket socket_;
  OnEnd on_end_;           // empty once it has ended
  bool was_idle_ = false;  // the connection: the server may have closed it by now
  std::array<uint8_t, 2> length_;
  DnsOctets octets_;  // what is written, then what is read
};

}  // namespace rollcall::agent

// NameLookups: the addresses of host names, for a loop that must not wait for them. getaddrinfo
// cannot be broken off, and takes as long as a mute name server makes it take: so each name that is
// looked up has a thread of its own, which nobody ever waits for. Of the loop's thread, which is
// told the addresses.
//
//   1. A thread touches nothing but what it owns together with this object. It may outlive the
//      object and the loop; what it then finds is dropped.
//   2. A name that is being looked up already is not looked up once more: who asks waits for the
//      same answer, so that one mute name costs one thread, however often it is asked for.
//   3. No more than `max` names are looked up at the same time. One more fails at once.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "registry/base/result.h"

namespace rollcall::jwt {

using Addresses = std::vector<boost::asio::ip::address>;

// Blocks until it knows. From any thread, several at a time. kUnavailable: it has found none, and
// why.
using ResolveName = std::function<Result<Addresses>(const std::string& name)>;

// As the system is configured (getaddrinfo): /etc/hosts, name servers, nsswitch.
Result<Addresses> ResolveBySystem(const std::string& name);

class NameLookups {
 public:
  using OnAddresses = std::function<void(const Result<Addresses>&)>;
  // Who asks holds it as long as he wants the answer.
  using Interest = std::shared_ptr<OnAddresses>;

  static constexpr size_t kMax = 16;

  // `loop` outlives it.
  explicit NameLookups(boost::asio::io_context& loop, ResolveName resolve = ResolveBySystem,
                       size_t max = kMax);
  // Waits for no thread.
  ~NameLookups();
  NameLookups(const NameLookups&) = delete;
  NameLookups& operator=(const NameLookups&) = delete;

  // Calls back once, from the loop and never before it returns, unless the interest is gone by
  // then. What is under way does not keep the loop running. An address is found without a thread.
  // kUnavailable beside what the resolving function says: too many names are being looked up.
  [[nodiscard]] Interest Find(const std::string& name, OnAddresses on_addresses);

 private:
  using Waiting = std::vector<std::weak_ptr<OnAddresses>>;
  struct Shared;

  static void Run(const std::shared_ptr<Shared>& shared, const std::string& name);
  static void Tell(boost::asio::io_context& loop, Waiting waiting, Result<Addresses> found);
  // kUnavailable: there are too many.
  Result<void> Join(const std::string& name, const Interest& interest);

  boost::asio::io_context& loop_;
  const size_t max_;
  const std::shared_ptr<Shared> shared_;
};

}  // namespace rollcall::jwt

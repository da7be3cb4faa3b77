#include "registry/jwt/remote/name_lookups.h"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <cstring>
#include <map>
#include <system_error>
#include <thread>
#include <utility>

#include "registry/base/lock_guarded.h"

namespace rollcall::jwt {
namespace {

namespace asio = boost::asio;

Error NoSuchHost(const std::string& why) { return Unavailable("no such host: " + why); }

// Copies, for the bytes are not aligned for their type.
asio::ip::address AddressOf(const addrinfo& found) {
  if (found.ai_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, found.ai_addr, sizeof v4);
    return asio::ip::address_v4(ntohl(v4.sin_addr.s_addr));
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, found.ai_addr, sizeof v6);
  asio::ip::address_v6::bytes_type bytes;
  std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
  return asio::ip::address_v6(bytes, v6.sin6_scope_id);
}

bool IsInternetAddress(const addrinfo& found) {
  return (found.ai_family == AF_INET && found.ai_addrlen >= sizeof(sockaddr_in)) ||
         (found.ai_family == AF_INET6 && found.ai_addrlen >= sizeof(sockaddr_in6));
}

}  // namespace

Result<Addresses> ResolveBySystem(const std::string& name) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(name.c_str(), nullptr, &hints, &found);
  if (error == EAI_SYSTEM) return NoSuchHost(std::generic_category().message(errno));
  if (error != 0) return NoSuchHost(gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(found, freeaddrinfo);
  Addresses addresses;
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    if (IsInternetAddress(*each)) addresses.push_back(AddressOf(*each));
  }
  if (addresses.empty()) return NoSuchHost("it has no address");
  return addresses;
}

// What the threads own together with the object.
struct NameLookups::Shared {
  struct State {
    asio::io_context* loop = nullptr;          // null: nobody waits any more
    std::map<std::string, Waiting> under_way;  // by name: a thread each
  };

  ResolveName resolve;  // constant
  LockGuarded<State> state;
};

NameLookups::NameLookups(asio::io_context& loop, ResolveName resolve, size_t max)
    : loop_(loop), max_(max), shared_(std::make_shared<Shared>()) {
  shared_->resolve = std::move(resolve);
  shared_->state.Lock()->loop = &loop;
}

NameLookups::~NameLookups() { shared_->state.Lock()->loop = nullptr; }

NameLookups::Interest NameLookups::Find(const std::string& name, OnAddresses on_addresses) {
  auto interest = std::make_shared<OnAddresses>(std::move(on_addresses));
  boost::system::error_code is_a_name;
  const auto address = asio::ip::make_address(name, is_a_name);
  if (!is_a_name) {
    Tell(loop_, {interest}, Addresses{address});
  } else if (const Result<void> joined = Join(name, interest); !joined) {
    Tell(loop_, {interest}, joined.error());
  }
  return interest;
}

Result<void> NameLookups::Join(const std::string& name, const Interest& interest) {
  auto state = shared_->state.Lock();
  const auto known = state->under_way.find(name);
  if (known != state->under_way.end()) {
    std::erase_if(known->second, [](const auto& each) { return each.expired(); });
    known->second.push_back(interest);
    return {};
  }
  if (state->under_way.size() >= max_) {
    return Unavailable(std::to_string(max_) +
                       " other host names are being looked up and none is answered: see whether "
                       "the name servers of /etc/resolv.conf are there");
  }
  try {
    std::thread([shared = shared_, name] { Run(shared, name); }).detach();
  } catch (const std::system_error& error) {
    return Unavailable(std::string("no thread to look the host name up on: ") + error.what());
  }
  state->under_way[name] = {interest};
  return {};
}

void NameLookups::Run(const std::shared_ptr<Shared>& shared, const std::string& name) {
  Result<Addresses> found = shared->resolve(name);
  auto state = shared->state.Lock();
  Waiting waiting = std::move(state->under_way[name]);
  state->under_way.erase(name);
  // Under the lock, so that the loop is there; it runs nothing before this has returned.
  if (state->loop != nullptr) Tell(*state->loop, std::move(waiting), std::move(found));
}

void NameLookups::Tell(asio::io_context& loop, Waiting waiting, Result<Addresses> found) {
  asio::post(loop, [waiting = std::move(waiting), found = std::move(found)] {
    for (const auto& each : waiting) {
      if (const Interest interest = each.lock()) (*interest)(found);
    }
  });
}

}  // namespace rollcall::jwt

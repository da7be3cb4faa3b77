#include "dns/random_source.h"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <system_error>

namespace rollcall::dns {

namespace {

class KernelRandom {
 public:
  // At once, so that a kernel without the call is found at start-up.
  KernelRandom() { Refill(); }

  uint16_t Next() {
    if (next_ == numbers_.size()) Refill();
    return numbers_[next_++];
  }

 private:
  // getrandom(2) gives up to 256 octets whole or, before the machine has gathered any randomness,
  // waits.
  void Refill() {
    ssize_t size;
    do {
      size = getrandom(numbers_.data(), sizeof numbers_, 0);
    } while (size < 0 && errno == EINTR);
    if (size != ssize_t{sizeof numbers_}) {
      throw std::system_error(errno, std::generic_category(), "getrandom");
    }
    next_ = 0;
  }

  std::array<uint16_t, 128> numbers_;
  size_t next_ = 0;
};

}  // namespace

RandomSource MakeKernelRandom() {
  return [random = std::make_shared<KernelRandom>()] { return random->Next(); };
}

}  // namespace rollcall::dns

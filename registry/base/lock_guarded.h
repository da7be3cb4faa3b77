// LockGuarded<T>: data that cannot be reached without its lock.
//   LockGuarded<std::vector<int>> queue;
//   queue.Lock()->push_back(1);
#pragma once

#include <mutex>
#include <utility>

namespace rollcall {

template <typename T>
class LockGuarded {
 public:
  class Holder {
   public:
    explicit Holder(LockGuarded& owner) : lock_(owner.mutex_), value_(owner.value_) {}
    T* operator->() { return &value_; }
    T& operator*() { return value_; }
    // The lock itself, for std::condition_variable::wait.
    std::unique_lock<std::mutex>& lock() { return lock_; }

   private:
    std::unique_lock<std::mutex> lock_;
    T& value_;
  };

  LockGuarded() = default;
  explicit LockGuarded(T value) : value_(std::move(value)) {}
  LockGuarded(const LockGuarded&) = delete;
  LockGuarded& operator=(const LockGuarded&) = delete;

  [[nodiscard]] Holder Lock() { return Holder(*this); }

 private:
  std::mutex mutex_;
  T value_;
};

}  // namespace rollcall

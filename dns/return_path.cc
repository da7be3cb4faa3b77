#include "dns/return_path.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace rollcall::dns {

void TurnAround(msghdr* header) {
  for (cmsghdr* control = CMSG_FIRSTHDR(header); control != nullptr;
       control = CMSG_NXTHDR(header, control)) {
    if (control->cmsg_level == IPPROTO_IP && control->cmsg_type == IP_PKTINFO) {
      in_pktinfo info;
      std::memcpy(&info, CMSG_DATA(control), sizeof info);
      info.ipi_ifindex = 0;
      std::memcpy(CMSG_DATA(control), &info, sizeof info);
    } else if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
      in6_pktinfo info;
      std::memcpy(&info, CMSG_DATA(control), sizeof info);
      if (!IN6_IS_ADDR_LINKLOCAL(&info.ipi6_addr)) info.ipi6_ifindex = 0;
      std::memcpy(CMSG_DATA(control), &info, sizeof info);
    }
  }
}

ReturnPath::ReturnPath(const msghdr& header)
    : client_size_(std::min<socklen_t>(header.msg_namelen, sizeof client_)),
      info_size_(std::min<size_t>(header.msg_controllen, PacketInfo::kSize)) {
  std::memcpy(&client_, header.msg_name, client_size_);
  if (info_size_ > 0) std::memcpy(info_.octets.data(), header.msg_control, info_size_);
}

bool ReturnPath::Send(int fd, std::span<const uint8_t> octets) const {
  // sendmsg writes to none of these.
  sockaddr_storage client = client_;
  PacketInfo info = info_;
  iovec vector{const_cast<uint8_t*>(octets.data()), octets.size()};
  msghdr header{};
  header.msg_name = &client;
  header.msg_namelen = client_size_;
  header.msg_iov = &vector;
  header.msg_iovlen = 1;
  if (info_size_ > 0) {
    header.msg_control = info.octets.data();
    header.msg_controllen = info_size_;
    TurnAround(&header);
  }
  while (true) {
    if (sendmsg(fd, &header, MSG_DONTWAIT) >= 0) return true;
    if (errno != EINTR) return false;
  }
}

}  // namespace rollcall::dns

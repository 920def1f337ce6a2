/* ucspi.h: both ends of a connection as the environment tells them, in the manner of tcpserver:
   PROTO (TCP and what begins so), TCPREMOTEIP, TCPREMOTEPORT, TCPLOCALIP, TCPLOCALPORT.

   Everything but TCPREMOTEIP may be missing; a port that is missing is 0. Addresses and numbers are
   read strictly (addr.h, number.h). On UCSPI_MALFORMED *bad names the variable. */
#ifndef SINBIN_SYS_UCSPI_H
#define SINBIN_SYS_UCSPI_H

#include "sys/endpoint.h"

enum ucspi_result { UCSPI_OK, UCSPI_MISSING, UCSPI_MALFORMED };

struct ucspi {
  struct endpoint peer, local;
  bool has_local;
};

enum ucspi_result ucspi_read(struct ucspi *out, const char **bad);

#endif

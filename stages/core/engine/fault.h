/* fault: named points at which a test can kill the process, in the `faults` build only.
 *
 * They stand in core only: around COMMIT, between the steps of publish and of reading inputs. ALANPAY_FAULT=n kills at the n-th
 * point that is passed, ALANPAY_FAULT=name at the first one of that name, by SIGKILL: nothing is flushed.
 * ALANPAY_FAULT=list prints the number and the name of each point and kills nothing.
 */
#ifndef CORE_FAULT_H
#define CORE_FAULT_H

#ifdef FAULTS
void fault(const char *point);
#else
#define fault(point) ((void)0)
#endif

#endif

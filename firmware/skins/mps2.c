/* The device core as the firmware of QEMU's mps2-an386 (Cortex-M4): replays a recording that the host laid into memory, seals it for its oracles,
 * and speaks the byte stream of SPEC.md section 2 over UART0, all oracles on the one line. It ends, by semihosting, with code 0 when every
 * oracle has settled everything, else with the number of the core's error.
 * The flash is memory: nothing here outlives QEMU. Arm AN386 and the CMSDK manual (DDI 0479) name the registers. */
#include "bytes.h"
#include "device.h"
#include "errors.h"

/* ---------------------------------------------------------------------------------------------------------- machine */

#define UART_DATA (*(volatile uint32_t *)0x40004000)
#define UART_STATE (*(volatile uint32_t *)0x40004004)
#define UART_CTRL (*(volatile uint32_t *)0x40004008)
#define UART_BAUDDIV (*(volatile uint32_t *)0x40004010)
#define TX_FULL 1u
#define RX_FULL 2u
#define SYSTICK_CTRL (*(volatile uint32_t *)0xe000e010)
#define SYSTICK_LOAD (*(volatile uint32_t *)0xe000e014)
#define SYSTICK_VALUE (*(volatile uint32_t *)0xe000e018)
#define TICKS_PER_MS 25000u /* the core runs at 25 MHz */

extern uint32_t begin_of_bss, end_of_bss, end_of_stack;
void reset(void);
static volatile uint32_t uptime_ms;

static void tick_handler(void)
{
    uptime_ms++;
}

/* Semihosting operation 0x20, SYS_EXIT_EXTENDED, with reason ADP_Stopped_ApplicationExit. */
static _Noreturn void leave(int code)
{
    const uint32_t block[2] = {0x20026, (uint32_t)code};
    register uint32_t operation __asm__("r0") = 0x20;
    register const uint32_t *argument __asm__("r1") = block;
    __asm__ volatile("bkpt 0xab" : : "r"(operation), "r"(argument) : "memory");
    for (;;) {
    }
}

static void fault_handler(void)
{
    leave(99);
}

typedef void (*handler)(void);
__attribute__((section(".vectors"), used)) static const handler VECTORS[16] = {
    (handler)(uintptr_t)&end_of_stack,
    reset,
    fault_handler,
    fault_handler,
    fault_handler,
    fault_handler,
    fault_handler,
    [15] = tick_handler,
};

static void uart_write(const uint8_t *bytes, int len)
{
    for (int i = 0; i < len; i++) {
        while (UART_STATE & TX_FULL) {
        }
        UART_DATA = bytes[i];
    }
}

/* ------------------------------------------------------------------------------------------------- simulated flash */

#define FLASH ((uint8_t *)0x20100000)
#define SECTOR_LEN 4096
#define EMERGENCY_SECTORS 8
#define ROUTINE_SECTORS 56

static int flash_read(void *context, uint32_t address, uint8_t *data, uint32_t len)
{
    (void)context;
    hsp_copy(data, FLASH + address, len);
    return 0;
}

static int flash_program(void *context, uint32_t address, const uint8_t *data, uint32_t len)
{
    (void)context;
    for (uint32_t i = 0; i < len; i++)
        FLASH[address + i] &= data[i];
    return 0;
}

static int flash_erase(void *context, uint32_t address)
{
    (void)context;
    hsp_fill(FLASH + address, 0xff, SECTOR_LEN);
    return 0;
}

static const hsp_flash flash = {NULL, flash_read, flash_program, flash_erase, SECTOR_LEN};
static const hsp_region region[HSP_LANES] = {
    {EMERGENCY_SECTORS * SECTOR_LEN, ROUTINE_SECTORS},
    {0, EMERGENCY_SECTORS},
};

/* ----------------------------------------------------------------------------------- what the host lays into memory */

#define PROVISION_MAGIC 0x50505348u /* "HSPP" */

typedef struct {
    uint64_t at_ms;
    int32_t value[3];
    uint8_t type, lane;
    uint16_t zero;
} provisioned_reading; /* hospes.firmware.image writes the same 24 bytes */

typedef struct {
    uint32_t magic, device, batch_ms;
    uint32_t speed;         /* milliseconds of the recording in one of the machine's; the line is not sped up */
    uint32_t oracles, count;
    uint32_t restart_every; /* lose all memory after so many readings; 0: never */
    uint32_t zero;
    uint64_t start_ms;
    uint8_t keys[HSP_ORACLES_MAX][HSP_KEY_LEN];
    provisioned_reading readings[];
} provision;

static const provision *const PROVISION = (const provision *)0x21000000;

/* ----------------------------------------------------------------------------------------------------------- replay */

static hsp_device device;
static hsp_stream incoming;

static void must(int code)
{
    if (code < 0)
        leave(-code);
}

static void start(void)
{
    must(hsp_device_mount(&device, &flash, region, PROVISION->device, PROVISION->batch_ms));
    for (uint32_t i = 0; i < PROVISION->oracles; i++)
        must(hsp_device_add_oracle(&device, PROVISION->keys[i]));
}

/* The recording runs as fast as it is told to; the link's patience is with a real line and keeps the machine's time. */
static uint64_t recording_ms(void)
{
    return PROVISION->start_ms + (uint64_t)uptime_ms * PROVISION->speed;
}

static uint64_t line_ms(void)
{
    return PROVISION->start_ms + uptime_ms;
}

/* Push what is due; returns how many readings were pushed so far. */
static uint32_t replay(uint32_t done)
{
    while (done < PROVISION->count && PROVISION->readings[done].at_ms <= recording_ms()) {
        const provisioned_reading *r = &PROVISION->readings[done++];
        const hsp_reading reading = {r->at_ms, {r->value[0], r->value[1], r->value[2]}, r->type};
        must(hsp_device_push(&device, &reading, r->lane, recording_ms()));
        if (PROVISION->restart_every && done % PROVISION->restart_every == 0)
            start();
    }
    return done;
}

static void receive(void)
{
    while (UART_STATE & RX_FULL) {
        int len = hsp_stream_read(&incoming, (uint8_t)UART_DATA);
        if (len > 0)
            (void)hsp_device_take(&device, line_ms(), incoming.bytes, (size_t)len); /* a bad frame changes nothing */
    }
}

static void send(void)
{
    uint8_t frame[HSP_FRAME_MAX], stuffed[HSP_STREAM_MAX];
    for (uint8_t oracle = 0; oracle < PROVISION->oracles; oracle++) {
        int len = hsp_device_next(&device, oracle, line_ms(), frame);
        must(len);
        if (len)
            uart_write(stuffed, hsp_stream_write(frame, (size_t)len, stuffed));
    }
}

static int all_settled(void)
{
    for (uint32_t oracle = 0; oracle < PROVISION->oracles; oracle++)
        for (int lane = 0; lane < HSP_LANES; lane++)
            if (device.peer[oracle].lane[lane].through + 1 < device.ring[lane].next)
                return 0;
    return 1;
}

void reset(void)
{
    for (uint32_t *word = &begin_of_bss; word < &end_of_bss; word++)
        *word = 0;
    UART_BAUDDIV = 16;
    UART_CTRL = 3;
    SYSTICK_LOAD = TICKS_PER_MS - 1;
    SYSTICK_VALUE = 0;
    SYSTICK_CTRL = 7;
    if (PROVISION->magic != PROVISION_MAGIC || PROVISION->oracles > HSP_ORACLES_MAX)
        leave(98);
    for (int lane = 0; lane < HSP_LANES; lane++)
        must(hsp_ring_format(&flash, region[lane].start, region[lane].sectors));
    start();
    for (uint32_t done = 0; done < PROVISION->count || !all_settled();) {
        done = replay(done);
        must(done < PROVISION->count ? hsp_device_tick(&device, recording_ms()) : hsp_device_flush(&device, recording_ms()));
        send();
        receive();
    }
    leave(0);
}

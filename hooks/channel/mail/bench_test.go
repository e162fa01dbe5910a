package mail_test

import (
	"fmt"
	"testing"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/schema"
)

// BenchmarkTakeIn is what one mail costs from the fetched bytes to the
// committed message: kept, begun, parsed, received.
func BenchmarkTakeIn(b *testing.B) {
	d := newDesk(b, func(r *core.Record) { r.Set(schema.MailboxActive, false) }).serve()
	i := 0
	for b.Loop() {
		i++
		raw := letter{id: fmt.Sprintf("%d@customer.test", i), from: fmt.Sprintf("c%d@customer.test", i%200), body: "Where is my parcel?"}.String()
		if err := d.Rooms.Mail.TakeIn(d.box, uint32(i), raw); err != nil {
			b.Fatal(err)
		}
	}
}

package demo

import (
	"bytes"
	"image/png"
	"testing"
	"time"
)

func TestTheStoryIsInOrderWheneverItIsTold(t *testing.T) {
	dhaka := time.FixedZone("+06", 6*3600)
	for hour := range 24 {
		for i, sc := range story(time.Date(2026, 3, 1, hour, 30, 0, 0, dhaka)) {
			last := 1000 * days
			for j, st := range sc.steps {
				if st.ago <= 0 || st.ago >= last {
					t.Errorf("at %d o'clock step %d of scene %d is %v ago, the one before it %v", hour, j, i, st.ago, last)
				}
				last = st.ago
				if st.snooze < 0 {
					t.Errorf("at %d o'clock scene %d is snoozed into the past", hour, i)
				}
			}
			if sc.steps[0].in == "" {
				t.Errorf("scene %d does not begin with the customer", i)
			}
		}
	}
}

func TestPicturesArePictures(t *testing.T) {
	img, err := png.Decode(bytes.NewReader(cloth()))
	if err != nil || img.Bounds().Dx() != 640 || len(cloth()) > 1<<20 {
		t.Errorf("%v, %d bytes", err, len(cloth()))
	}
	if !bytes.HasPrefix(invoice, []byte("%PDF-1.4")) || !bytes.HasSuffix(invoice, []byte("%%EOF\n")) {
		t.Error("the invoice is no PDF")
	}
}

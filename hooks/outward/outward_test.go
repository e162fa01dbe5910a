package outward

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
	"time"
)

func TestHowFarConnectionsGo(t *testing.T) {
	for _, c := range []struct {
		ip                  string
		internet, anyServer bool
	}{
		{"142.250.1.108", true, true}, {"2a00:1450::6d", true, true}, {"::ffff:142.250.1.108", true, true}, {"64:ff9b::8efa:16c", false, true},
		{"192.168.1.20", false, true}, {"10.0.0.5", false, true}, {"172.16.0.1", false, true}, {"127.0.0.1", false, true}, {"::1", false, true}, {"fd12::1", false, true}, {"100.64.0.1", false, true},
		{"169.254.169.254", false, false}, {"::ffff:169.254.169.254", false, false}, {"64:ff9b::a9fe:a9fe", false, false}, {"64:ff9b::7f00:1", false, false},
		{"fe80::1%eth0", false, false}, {"fd00:ec2::254", false, false}, {"0.0.0.0", false, false}, {"::", false, false}, {"224.0.0.1", false, false}, {"ff02::1", false, false}, {"255.255.255.255", false, false},
	} {
		ip := netip.MustParseAddr(c.ip)
		if got := Internet.Allows("shop.example", ip); got != c.internet {
			t.Errorf("internet, %s: %t", c.ip, got)
		}
		if got := Written.Allows("shop.example", ip); got != c.internet {
			t.Errorf("a name that leads to %s: %t", c.ip, got)
		}
		if got := Written.Allows(c.ip, ip); got != c.anyServer {
			t.Errorf("%s written out: %t", c.ip, got)
		}
		if got := Network.Allows("mail.example", ip); got != c.anyServer {
			t.Errorf("the network, %s: %t", c.ip, got)
		}
	}
	if Written.Allows("192.168.1.20", netip.MustParseAddr("192.168.1.21")) || !Written.Allows("localhost", netip.MustParseAddr("::1")) {
		t.Error("a number leads elsewhere")
	}
}

// What counts is the address that is dialled: a name service may say one thing
// when it is asked first and another then.
func TestANameIsJudgedByWhereItLeads(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	for _, r := range []Reach{Internet} {
		if _, err := r.Dial(t.Context(), "tcp", "localhost:"+port); !errors.Is(err, ErrForbidden) {
			t.Errorf("%d: %v", r, err)
		}
	}
	for _, r := range []Reach{Written, Network} {
		conn, err := r.Dial(t.Context(), "tcp", "localhost:"+port)
		if err != nil {
			t.Errorf("%d: %v", r, err)
			continue
		}
		conn.Close()
	}
	for _, r := range []Reach{Internet, Written, Network} {
		for _, to := range []string{"169.254.169.254:80", "[fd00:ec2::254]:80", "0.0.0.0:" + port, "nonsense"} {
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			if _, err := r.Dial(ctx, "tcp", to); !errors.Is(err, ErrForbidden) {
				t.Errorf("%d reached %s: %v", r, to, err)
			}
			cancel()
		}
	}
}

func TestRedirectsLeadNowhere(t *testing.T) {
	secret := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("secret")) }))
	defer secret.Close()
	to := secret.URL
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, http.StatusFound) }))
	defer front.Close()
	for _, r := range []Reach{Written, Network} {
		res, err := r.Client(5 * time.Second).Get(front.URL)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != http.StatusFound {
			t.Errorf("%d followed: %d", r, res.StatusCode)
		}
	}
	// The guarded default follows, and is stopped where it must not go.
	Default()
	to = "http://169.254.169.254/latest/meta-data/"
	if res, err := http.Get(front.URL); !errors.Is(err, ErrForbidden) {
		if err == nil {
			res.Body.Close()
		}
		t.Errorf("the default was led to the cloud's secrets: %v", err)
	}
}

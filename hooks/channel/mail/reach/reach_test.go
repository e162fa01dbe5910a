package reach

import (
	"context"
	"errors"
	"net"
	"testing"
)

func TestOnlyMailServersAreReached(t *testing.T) {
	for to, want := range map[string]bool{
		"142.250.1.108:993": true, "[2a00:1450::6d]:993": true, "192.168.1.20:143": true, "10.0.0.5:587": true, "127.0.0.1:25": true, "[::1]:25": true,
		"169.254.169.254:80": false, "[::ffff:169.254.169.254]:80": false, "[fe80::1%eth0]:25": false, "[fd00:ec2::254]:80": false,
		"0.0.0.0:25": false, "[::]:25": false, "224.0.0.1:25": false, "255.255.255.255:25": false, "nonsense": false,
	} {
		if allowed(to) != want {
			t.Errorf("%s is reached: %v", to, !want)
		}
	}
}

func TestTheCloudsSecretsAreNotAskedFor(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	conn, err := Dial(context.Background(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	if _, err := Dial(context.Background(), "tcp", "169.254.169.254:80"); !errors.Is(err, ErrForbidden) {
		t.Errorf("it was asked: %v", err)
	}
}

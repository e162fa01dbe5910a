package auth

import "strings"

// Organisation is the domain that one organisation registered: example.co.uk
// for mail.example.co.uk, and the domain itself where that cannot be told.
func Organisation(domain string) string {
	if org := orgDomain(domain); org != "" {
		return org
	}
	return domain
}

// Names of providers with a domain in many countries.
var mailNames = map[string]bool{"yahoo": true, "hotmail": true, "outlook": true, "live": true, "gmx": true, "yandex": true}

var mailHostsToo = func() map[string]bool {
	all := map[string]bool{}
	for d := range strings.FieldsSeq(`qq.com foxmail.com 163.com 126.com sina.com sohu.com naver.com daum.net hanmail.net web.de freenet.de t-online.de orange.fr wanadoo.fr free.fr laposte.net sfr.fr
		libero.it virgilio.it tiscali.it bigpond.com optusnet.com.au rediffmail.com comcast.net verizon.net att.net sbcglobal.net cox.net btinternet.com sky.com uol.com.br bol.com.br terra.com.br
		mac.com pm.me tuta.com tutamail.com list.ru bk.ru inbox.ru rambler.ru ukr.net i.ua seznam.cz wp.pl o2.pl onet.pl interia.pl abv.bg duck.com privaterelay.appleid.com`) {
		all[d] = true
	}
	return all
}()

// Freemail tells whether anybody can have an address at a registered domain, so
// that it says nothing of who writes.
func Freemail(org string) bool {
	name, _ := cutSuffix(org)
	return mailHosts[org] || mailHostsToo[org] || mailNames[name]
}

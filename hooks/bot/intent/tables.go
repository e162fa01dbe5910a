package intent

// Each line is a phrase; all of its words must be said, in any order, close to
// each other. A message with a word behind the bar is not meant.

const person = `
real person
real human
human agent
talk to human
talk to a person
talk to someone
talk to somebody
talk to agent
talk to support
speak to human
speak with someone
speak to someone
speak to a person
speak to an agent
speak with agent
chat with agent
chat with a person
connect me to agent
customer care agent
human please
a person please
need an agent
need a human
want a human
want an agent
live agent
representative
মানুষের সাথে কথা
মানুষের সঙ্গে কথা
লোকের সাথে কথা
কারো সাথে কথা
কারও সাথে কথা
কারো সঙ্গে কথা
কারও সঙ্গে কথা
একজনের সাথে কথা
প্রতিনিধির সাথে কথা
প্রতিনিধির সঙ্গে কথা
প্রতিনিধি দিন
প্রতিনিধি চাই
এজেন্ট চাই
এজেন্টের সাথে কথা
কাস্টমার কেয়ারে কথা
আসল মানুষ
মানুষ চাই
মানুষ দিন
সরাসরি কথা
কথা বলতে চাই
কথা বলব
কথা বলা যাবে
manusher sathe kotha
manush er sathe kotha
manusher shathe kotha
karo sathe kotha
karo shathe kotha
kono manush
lok er sathe kotha
agent er sathe
agent den
agent chai
protinidhi
kotha bolte chai
kotha bolbo
kotha bola jabe
manush chai
sorasori kotha`

const hours = `
office hours
opening hours
opening time
closing time
working hours
office time
are you open
when open
what time open
open today
open now
open on friday
closed on friday
কখন খোলা
কয়টা পর্যন্ত খোলা
কয়টায় খোলেন
কখন বন্ধ
খোলা আছেন
খোলা আছে এখন
খোলা থাকে
খোলা থাকেন
বন্ধ থাকে
অফিস টাইম
অফিস কখন
অফিসের সময়
শুক্রবার খোলা
শুক্রবার বন্ধ
আজ খোলা
kokhon khola
koyta porjonto khola
koitay khola
khola achen
khola thake
khola thaken
bondho thake
kokhon bondho
office time
office kokhon
shukrobar khola
aj khola`

// An account, a parcel, an article of the shop is opened too.
const notHours = `account একাউন্ট অ্যাকাউন্ট parcel পার্সেল প্যাকেট packet package showroom শোরুম দোকান dokan shop store outlet সিল seal`

const order = `
where is my order
where is my parcel
where my package
where is my product
order status
status of my order
parcel status
track my order
track my parcel
track order
parcel track
order track
when will my order arrive
when will i get my order
order not received
order not arrived
parcel not received
parcel not arrived
not received my order
not received my parcel
havent received order
have not received order
havent received parcel
have not received parcel
package delayed
parcel delayed
order delayed
parcel late
order late
অর্ডার কোথায়
অর্ডার কই
পার্সেল কোথায়
পার্সেল কই
পণ্য কোথায় এখন
অর্ডার কবে পাব
পার্সেল কবে পাব
অর্ডার কবে আসবে
পার্সেল কবে আসবে
অর্ডারের অবস্থা
পার্সেলের অবস্থা
পার্সেল পাইনি
অর্ডার পাইনি
পার্সেল পেলাম না
অর্ডার পেলাম না
পার্সেল পাই নাই
অর্ডার পাই নাই
পার্সেল আসেনি
পার্সেল আসে নাই
অর্ডার আসেনি
পার্সেল ট্র্যাক
অর্ডার ট্র্যাক
order kothay
order koi
parcel kothay
parcel koi
order kobe pabo
parcel kobe pabo
order kobe asbe
parcel kobe asbe
parcel pai nai
order pai nai
parcel paini
order paini
parcel ashe nai
parcel ase nai
order ase nai
order er obostha
parcel er obostha
amar jinish koi
amar jinish kothay`

// These ask how it is done, or of something else than their own parcel.
const notOrder = `বাতিল cancel batil মেসেজ sms এসএমএস message প্রি pre ফেরত ferot return repair মেরামত meramot`

const refund = `
refund
refunded
money back
return my money
give me my money
রিফান্ড
টাকা ফেরত
টাকা ফিরে
টাকা ফিরিয়ে
টাকাটা ফেরত
taka ferot
taka firot
taka back
tk ferot`

const anger = `
cheater
cheating me
cheated
you are fraud
fraud company
fraudulent
scammer
worst service
worst shop
terrible service
pathetic
disgusting
ridiculous
useless
nonsense
unacceptable
very angry
so angry
fed up
legal action
consumer rights
sue you
file a case
complaint
complain
বাটপার
বাটপারি
চিটার
চিটিং
ধোঁকা
প্রতারক
প্রতারণা করেছেন
ঠকিয়েছেন
ঠকালেন
ফালতু
জঘন্য
বাজে সার্ভিস
বাজে ব্যবহার
বাজে অভিজ্ঞতা
খারাপ ব্যবহার
খারাপ আচরণ
বিরক্ত হয়ে
খুব বিরক্ত
মামলা
ভোক্তা অধিকার
অভিযোগ
batpar
batpari
chitar
cheat koren
dhoka
protarok
thokiye
faltu
jogonno
baje service
baje bebohar
kharap bebohar
kharap babohar
khub birokto
mamla
vokta odhikar
ovijog
obhijog`

// Whether a person answers, and nothing beside it.
const robot = `
are you a bot
are you a robot
are you a machine
are you a human
are you human
are you a person
are you a real person
is this a bot
is this a robot
am i talking to a bot
am i talking to a human
am i talking to a real person
আপনি কি রোবট
আপনি কি বট
আপনি কি মানুষ
আপনি কি মেশিন
তুমি কি রোবট
তুমি কি বট
তুমি কি মানুষ
এটা কি রোবট
এটা কি বট
রোবট নাকি মানুষ
মানুষ নাকি রোবট
বট নাকি মানুষ
মানুষ নাকি বট
আপনি কি মানুষ নাকি রোবট
আপনি কি মানুষ নাকি বট
আপনি মানুষ নাকি রোবট
আপনি মানুষ নাকি বট
আপনি কি রোবট নাকি মানুষ
apni ki manush naki robot
apni ki manush naki bot
apni ki robot
apni ki bot
apni ki manush
apni ki manus
tumi ki robot
tumi ki bot
tumi ki manush
eta ki bot
eta ki robot
robot naki manush
bot naki manush
manush naki robot
manush naki bot
`

const greeting = `
hi
hii
hello
hey
salam
assalamu alaikum
assalamualaikum
good morning
good evening
good afternoon
anyone there
anybody there
হাই
হ্যালো
হেলো
সালাম
আসসালামু আলাইকুম
আস্সালামু আলাইকুম
নমস্কার
আদাব
শুভ সকাল
কেউ আছেন
আছেন কেউ
keu achen
keu asen
achen keu
nomoskar`

const thanks = `
thanks
thank you
thank you so much
thx
tnx
ty
ধন্যবাদ
অনেক ধন্যবাদ
থ্যাংকস
dhonnobad
onek dhonnobad
thanks a lot
great thanks`

const yes = `
yes
yeah
yep
yup
ok
okay
sure
it helped
that helped
solved
হ্যাঁ
হ্যা
হাঁ
জি
জ্বি
জী
ঠিক আছে
আচ্ছা
কাজ হয়েছে
পেয়েছি
বুঝেছি
ha
hae
hyan
hmm
ji
jee
thik ache
accha
bujhchi`

const no = `
no
nope
nah
not helpful
did not help
didnt help
না
নাহ
জি না
হয়নি
কাজ হয়নি
হয় নাই
বুঝিনি
na
ji na
hoy nai
kaj hoy nai
bujhi nai`

// fill may stand beside a greeting, thanks, yes or no.
const fill = `ভাই ভাইয়া আপু আপা স্যার ম্যাডাম vai bhai vaia bhaia apu apa sir madam please প্লিজ dear there আপনারা apnara আপনাদের apnader ache achen আছে আছেন and it that this so much very অনেক onek আমার amar my`

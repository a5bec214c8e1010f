"""Which words do the made-up exports use: names of people, subjects of tickets, headers of real exports?"""

from __future__ import annotations

_FIRST_NAMES = (
    "Ada Amir Anouk Bela Carla Chidi Dana Diego Elif Emil Fatou Felix Greta Hana Hugo Ines Ivo Jana "
    "Jonas Kaito Karin Lena Linh Luca Maja Mateo Mira Nadia Noor Olga Omar Paula Priya Rafael Rosa Samir "
    "Sofia Tomas Vera Zoe"
)
_LAST_NAMES = (
    "Abbott Adeyemi Baker Bauer Bianchi Castro Chen Costa Dahl Dubois Egger Fischer Garcia Haas Hansen "
    "Ito Jansen Keller Khan Kovac Lang Larsen Lopez Meyer Moreau Nagy Novak Okafor Olsen Patel Perez "
    "Quinn Rossi Roth Santos Sato Silva Singh Stein Tanaka Tran Ueda Varga Vogel Weber Wolf Wright "
    "Yilmaz Zeman Ziegler"
)
_COMPANY_KINDS = "Studio Atelier Works Partners Labs Consulting Build Foods Logistics Clinic"
# Stripe → Payments → Export, all columns
_STRIPE_PAYMENTS = (
    "id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Converted Amount,"
    "Converted Amount Refunded,Converted Currency,Description,Fee,Is Link,Mode,PaymentIntent ID,"
    "Payment Source Type,Refunded date (UTC),Statement Descriptor,Status,Seller Message,Taxes On Fee,"
    "Card ID,Card Name,Card Address Line1,Card Address Line2,Card Address City,Card Address State,"
    "Card Address Country,Card Address Zip,Card AVS Line1 Status,Card AVS Zip Status,Card Brand,"
    "Card CVC Status,Card Exp Month,Card Exp Year,Card Fingerprint,Card Funding,Card Issue Country,"
    "Card Last4,Card Tokenization Method,Customer ID,Customer Description,Customer Email,Customer Phone,"
    "Shipping Name,Shipping Address Line1,Shipping Address Line2,Shipping Address City,"
    "Shipping Address State,Shipping Address Country,Shipping Address Postal Code,Disputed Amount,"
    "Dispute Date (UTC),Dispute Evidence Due (UTC),Dispute Reason,Dispute Status,Invoice ID,"
    "Invoice Number,Checkout Session ID,Checkout Line Item Summary,Client Reference ID,Payment Link ID,"
    "UTM Campaign,UTM Content,UTM Medium,UTM Source,UTM Term,Application Fee,Application ID,Destination,"
    "Transfer,Transfer Group"
)
# Zendesk → Views → Export CSV
_ZENDESK_TICKETS = (
    "Summation column,Id,Requester,Requester id,Requester external id,Requester email,Requester domain,"
    "Submitter,Assignee,Group,Subject,Tags,Status,Priority,Via,Ticket type,Created at,Updated at,"
    "Assigned at,Organization,Due date,Initially assigned at,Solved at,Resolution time,"
    "Satisfaction Score,Group stations,Assignee stations,Reopens,Replies,First reply time in minutes,"
    "First reply time in minutes within business hours,First resolution time in minutes,"
    "First resolution time in minutes within business hours,Full resolution time in minutes,"
    "Full resolution time in minutes within business hours"
)

FIRST_NAMES = _FIRST_NAMES.split()
LAST_NAMES = _LAST_NAMES.split()
COMPANY_KINDS = _COMPANY_KINDS.split()
OWNERS = ["Sam Rivers", "Kim Brooks", "Alex Field"]
STRIPE_PAYMENTS_HEADER = _STRIPE_PAYMENTS.split(",")
ZENDESK_TICKETS_HEADER = _ZENDESK_TICKETS.split(",")

# subject: tag
TOPICS = {
    "How do I invite my team?": "invite",
    "Invitation link does not open on my phone": "invite",
    "Question about my invoice": "billing",
    "Can I change the plan later?": "billing",
    "Cannot log in any more": "login",
    "Reports look great, can I export them?": "reports",
    "Calendar integration stopped syncing": "integration",
    "Thank you for the quick help": "praise",
}
IMPORT_TOPICS = {
    "CSV import fails at row 2": "import",
    "Import stuck, nothing happens": "import",
    "Error when importing our task list": "import",
}

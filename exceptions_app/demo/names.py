"""What the demo's stories are about: customers, vehicles, products, jobs, and what people say."""

CUSTOMERS = (
    "Mateo Ortiz", "Amelia Hughes", "Wei Zhang", "Fatima El-Sayed", "Noah Bergström",
    "Chinedu Eze", "Isabella Rossi", "Tomasz Wójcik", "Leila Haddad", "Sean O'Connor",
    "Nguyễn Thu Hà", "Emma Dubois", "Rahul Mehta", "Zeynep Kaya", "Lukas Steiner",
    "Camila Rojas", "Dmytro Shevchenko", "Aisha Bello", "Kenji Watanabe", "Freya Jensen",
    "João Pereira", "Hannah Müller", "Ravi Shankaran", "Megan Llewellyn", "Elif Çelik",
    "Pablo Navarro", "Siobhán Murphy", "Anika de Vries", "Omar Rahman", "Greta Lindholm",
)  # fmt: skip
COMPANIES = (
    "Brauer KG", "Lakeside Dairy", "Prairie Cold Storage", "Midwest Packaging", "Orchard Foods",
    "St. Brendan Hospital", "Calumet Steel", "Fox River Brewing", "Union Bakery", "Delta Plastics",
)  # fmt: skip
VEHICLES = (
    "VW Golf GTI", "Škoda Octavia Combi", "Cupra Formentor", "VW ID.4 Pro", "SEAT León",
    "Audi Q4 e-tron", "VW Transporter", "Škoda Kodiaq", "Audi A3 Sportback", "VW Tiguan R-Line",
)  # fmt: skip
SALESPEOPLE = ("Priya Nair", "Aoife Byrne", "Lucía Serrano", "Tom Baxter", "Elena Vidal")
LENDERS = ("Northgate Finance", "Santa Clara Bank", "Meridian Credit")
PRODUCTS = (
    "Oak floor lamp", "Linen pendant, sand", "Walnut desk, 140 cm", "Brass reading light",
    "Ash shelf, set of 3", "Ceramic table lamp", "Felt armchair, moss", "Paper lantern, large",
    "Smoked oak sideboard", "Glass wall light",
)  # fmt: skip
CATEGORIES = ("lighting", "furniture", "decoration")
CARRIERS = ("DHL", "DPD", "GLS", "Hermes")
TOWNS = ("Bremen", "Lübeck", "Kassel", "Leipzig", "Ghent", "Aarhus", "Salzburg", "Utrecht")
JOBS = (
    ("Kaeser ASD 40", "compressor service"),
    ("Linde E16 forklift", "brake repair"),
    ("Carrier 30RB chiller", "leak check"),
    ("Cat C9 generator", "annual inspection"),
    ("Daikin VRV unit", "fault E7"),
    ("Hobart AM15 dishwasher", "pump replacement"),
    ("Schindler 3300 lift", "door fault"),
)
TECHNICIANS = ("R. Alvarez", "D. Kowalski", "J. Whitfield", "S. Park", "L. Tran", "B. Osei")
STREETS = ("Damen Ave", "Pulaski Rd", "W 47th St", "Industrial Dr", "Archer Ave", "Lake St")

#: Notes by the twist of a story.
NOTES = {
    "cancelled_by_customer": (
        "Machine is running again, no visit needed",
        "Customer found another company",
        "Nobody on site that day",
        "Asked for a quote first",
    ),
    "moved": (
        "Production cannot stop today",
        "Site contact is ill, another day please",
        "Delivery blocks the yard this morning",
    ),
    "no_show": ("Technician van broke down", "Nobody opened the gate", "Wrong address on the job"),
    "on_hold": ("Part on back order", "Waiting for a permit", "Lift needs a second technician"),
    "failed": (
        "Card expired",
        "Insufficient funds",
        "3-D Secure not completed",
        "Direct debit returned by the bank",
    ),
    "declined": (
        "Income not confirmed",
        "Existing commitments too high",
        "Application incomplete: second payslip missing",
    ),
}

#: What turned out to be the cause, by exception type; causes of reports.
CAUSES = {
    "delivery_late": (
        "Supplier late",
        "Registration office slow",
        "No capacity",
        "Part not in stock",
    ),
    "delivery_at_risk": ("Supplier late", "No capacity", "Part not in stock"),
    "order_late": ("Carrier late", "No capacity", "Wrong data from a source", "Address incomplete"),
    "scan_gap": ("Parcel lost", "Missed scan", "Carrier late"),
    "payment_failed": ("Card expired", "Bank refused", "Checkout fault"),
    "finance_declined": ("Paperwork missing", "Credit score"),
    "finance_unanswered": ("Lender slow", "Paperwork missing"),
    "not_checked_in": ("Traffic", "Job before overran", "Forgot to check in", "Van broke down"),
    "appointment_cancelled": ("Customer changed plans", "Part not in stock", "Booked twice"),
    "appointment_moved": ("Customer changed plans", "Site not ready"),
    "no_show": ("Van broke down", "Wrong data from a source", "Customer absent"),
    "complaint": ("Communication", "Workmanship", "Billing error"),
    "document_missing": ("Paperwork missing", "Scan unreadable"),
    "stock_mismatch": ("Wrong data from a source", "Damaged in stock", "Supplier late"),
}
ANY_CAUSE = ("Communication", "False alarm")

#: What a colleague writes while working on a case, by exception type.
REMARKS = {
    "delivery_late": (
        "Called the customer, new handover time agreed.",
        "Plates arrive this afternoon; valet team is told.",
        "Offered a courtesy car until the handover.",
    ),
    "delivery_at_risk": (
        "Transporter confirms the yard for tonight.",
        "Workshop will prepare it first thing.",
    ),
    "order_late": (
        "Carrier depot has it, out for delivery next.",
        "Customer informed, shipping refunded.",
    ),
    "scan_gap": (
        "Opened a search with the carrier.",
        "Depot found it without a label, relabelled.",
    ),
    "payment_failed": ("Sent a new payment link.", "Customer will use another card."),
    "finance_declined": (
        "Second lender has the application now.",
        "Customer sends the missing payslip today.",
    ),
    "finance_unanswered": ("Lender desk promises an answer within the hour.",),
    "not_checked_in": (
        "Reached the technician, ten minutes away.",
        "Previous job overran; customer is informed.",
    ),
    "appointment_cancelled": ("Slot given to the next job on the list.",),
    "appointment_moved": ("Moved the afternoon jobs, route still works.",),
    "no_show": ("New slot offered, customer accepts.", "Gate code was missing, now on the job."),
}
ANY_REMARK = ("Looking into it.", "Customer informed, next update this afternoon.")

#: What staff flag by hand: exception type, severity, title, team, description.
FLAGS = (
    (
        "complaint",
        "high",
        "{customer} complains about the state of the car at handover",
        "sales",
        "Scratches on the rear bumper and no charging cable in the boot.",
    ),
    (
        "document_missing",
        "medium",
        "Proof of insurance missing for {customer}",
        "finance",
        "The registration office needs it before the handover.",
    ),
    (
        "stock_mismatch",
        "low",
        "Brake pads: 14 counted, 20 booked",
        "parts",
        "Shelf C-12, counted twice.",
    ),
    (
        "complaint",
        "medium",
        "{customer} was not called back",
        "service",
        "Promised a call about the inspection yesterday before noon.",
    ),
    (
        "other",
        "low",
        "Courtesy car comes back late from {customer}",
        "service",
        "Next booking starts at four.",
    ),
)

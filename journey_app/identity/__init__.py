"""Events and links → which ids are one customer.

Receives   the distinct id sets of all batches.
Hands on   a mapping raw id → customer, the reason of every link, the ids it refused to follow and why.
May touch  nothing.
"""

"""What sales reps ask and change: people, orders, leads, notes, the pipeline, and who waits.

Every function takes the member of staff who asks (`asker`): their role decides what is seen. A rep sees leads and
deals that are theirs or nobody's; a manager and an administrator see all. An agent answers chats and sees none.
"""

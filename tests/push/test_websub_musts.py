"""What the recommendation demands of hubs (w3.org/TR/websub), and the tests that show it."""

from importlib import import_module

# By section, in our words: the demand, and below it the module and the test.
MUSTS = """
3.1 accept callback, mode and topic alone
    push/test_websub_rocks test_100_a_typical_subscriber_is_verified_and_sent_the_topic
3.1 accept a secret
    push/test_websub_rocks test_101_a_subscriber_with_a_secret_gets_a_signature
3.1 allow active subscriptions to be asked for again
    push/test_websub_rocks test_103_a_subscription_is_renewed_before_it_ends
3.1 support unsubscription
    push/test_websub_rocks test_104_an_unsubscription_is_verified_and_ends_deliveries
3.1 send the topic's content type
    push/test_websub_rocks test_105_106_each_format_is_sent_with_its_media_type
3.1 sign if there is a secret
    push/test_websub test_what_is_sent_is_signed_with_the_secret
5.1 ignore the lease of an unsubscription
    web/test_hub test_a_request_waits_for_verification
5.1 ignore parameters it does not know
    push/test_websub_rocks test_102_parameters_that_the_hub_does_not_know_are_ignored
5.1 let a request override the state once verified
    push/test_websub test_a_renewal_replaces_lease_and_secret_once_it_is_verified
5.1 change nothing if that fails
    push/test_websub test_a_failed_verification_leaves_the_subscription_as_it_was
5.1.1 decode characters that need no encoding
    web/test_hub test_parameters_may_encode_every_character
5.1.1 keep the callback's query, and append to it
    push/test_websub test_a_subscriber_that_repeats_the_challenge_is_subscribed
5.1.1 leave parameters of the same names
    push/test_websub test_parameters_of_the_callback_with_the_same_names_stay
5.1.2 answer 202
    push/test_websub_rocks test_100_a_typical_subscriber_is_verified_and_sent_the_topic
5.1.2 answer errors with 4xx or 5xx
    web/test_hub test_a_wrong_request_is_refused_in_a_sentence
5.1.2 answer whatever verification will bring
    web/test_hub test_a_request_waits_for_verification
5.2 verify what it accepts
    push/test_websub_rocks test_100_a_typical_subscriber_is_verified_and_sent_the_topic
5.2 tell a subscriber that it is denied
    push/test_websub test_a_subscriber_that_gets_no_more_is_told
5.3 send mode, topic, a random challenge
    push/test_websub test_each_challenge_is_another
5.3 send the lease of a subscription
    push/test_websub test_a_subscriber_that_repeats_the_challenge_is_subscribed
5.3.1 take 3xx, 4xx, 5xx for a failure
    push/test_websub test_a_failed_verification_leaves_the_subscription_as_it_was
5.3.1 take another body for a failure
    push/test_websub test_a_failed_verification_leaves_the_subscription_as_it_was
5.3.1 enforce the end of a lease
    push/test_websub test_a_subscription_ends_with_its_lease
5.3.1 grant no lease without end
    web/test_hub test_a_request_waits_for_verification
6 be told of updates
    push/test_websub_rocks test_100_a_typical_subscriber_is_verified_and_sent_the_topic
7 send the whole topic in the body
    push/test_websub test_a_subscriber_gets_the_bytes_of_the_topic
7 send one Link to the hub, one to the topic
    push/test_websub test_a_subscriber_gets_the_bytes_of_the_topic
7 take all but 2xx and 410 for a failure
    push/test_websub test_only_the_status_of_an_answer_counts
7 ignore the body of the answer
    push/test_websub test_only_the_status_of_an_answer_counts
7 keep a subscription that fails, and try again
    push/test_websub test_a_subscription_outlives_deliveries_that_are_given_up
7.1 sign the body by HMAC: method=hexadecimal
    push/test_websub test_what_is_sent_is_signed_with_the_secret
8.3 use the callback exactly as given
    web/test_hub test_a_request_waits_for_verification
8.3 send nothing unsigned in place of signed
    push/test_websub test_nothing_is_sent_unsigned_to_a_subscriber_with_a_secret
"""


def test_each_demand_has_a_test() -> None:
    for place in MUSTS.strip().splitlines()[1::2]:
        module, name = place.split()
        assert callable(getattr(import_module(f"tests.{module.replace('/', '.')}"), name))

"""A tokenizer for Chinese that cuts only at spaces and punctuation.

Rasa's featurizers need tokens, its whitespace tokenizer refuses Chinese, and segmenting into words made recognition
worse in every measurement. Whole phrases as tokens keep every character pair intact for character n-grams.
"""

import re
from typing import Any, Dict, List, Text

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

_PHRASE = re.compile(r"\w+")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class PhraseTokenizer(Tokenizer):
    """Each run of letters, digits and Chinese characters is one token."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Rasa's own keys for tokenizers; intents are never split."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    def tokenize(self, message: Message, attribute: Text) -> List[Token]:
        """The phrases of one message attribute, with their offsets; text without any is one token."""
        text = message.get(attribute)
        found = [Token(match.group(), match.start()) for match in _PHRASE.finditer(text)]
        return found or [Token(text, 0)]

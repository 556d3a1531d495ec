# Adds `ignore_empty`, with the numbers upstream gave it, to the rule messages of a validate.proto that predates it.
/^message (Float|Double|U?Int32|U?Int64|SInt32|SInt64|S?Fixed32|S?Fixed64)Rules/ { number = 8 }
/^message StringRules/   { number = 26 }
/^message BytesRules/    { number = 14 }
/^message RepeatedRules/ { number = 5 }
/^message MapRules/      { number = 6 }
/^}/ && number           { print "    optional bool ignore_empty = " number ";"; number = 0 }
                         { print }

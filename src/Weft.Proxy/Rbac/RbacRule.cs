namespace Weft.Proxy.Rbac;

/// <summary>A compiled Permission or Principal. Immutable; any thread; no allocation.</summary>
internal abstract class RbacRule
{
    public static readonly RbacRule Any = new AnyRule();

    /// <summary>For a rule that could not be compiled.</summary>
    public static readonly RbacRule Never = new NotRule(Any);

    public abstract bool IsMatch(in RbacSubject subject);

    public static RbacRule All(RbacRule[] rules) => new AllRule(rules);

    public static RbacRule AnyOf(RbacRule[] rules) => rules is [var only] ? only : new AnyOfRule(rules);

    public static RbacRule Not(RbacRule rule) => new NotRule(rule);

    private sealed class AnyRule : RbacRule
    {
        public override bool IsMatch(in RbacSubject subject) => true;
    }

    private sealed class NotRule(RbacRule rule) : RbacRule
    {
        public override bool IsMatch(in RbacSubject subject) => !rule.IsMatch(subject);
    }

    private sealed class AllRule(RbacRule[] rules) : RbacRule
    {
        public override bool IsMatch(in RbacSubject subject)
        {
            foreach (var rule in rules)
            {
                if (!rule.IsMatch(subject))
                    return false;
            }

            return true;
        }
    }

    private sealed class AnyOfRule(RbacRule[] rules) : RbacRule
    {
        public override bool IsMatch(in RbacSubject subject)
        {
            foreach (var rule in rules)
            {
                if (rule.IsMatch(subject))
                    return true;
            }

            return false;
        }
    }
}

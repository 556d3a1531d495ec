using Google.Protobuf;
using Google.Protobuf.Collections;
using Weft.Proxy.Bootstrap;
using Weft.Proxy.Matching.InputMatchers;
using Weft.Proxy.Matching.Inputs;
using Weft.Proxy.Routing.Matching;
using InputMatcher = Weft.Proxy.Matching.InputMatchers.InputMatcher;
using MatchCase = Xds.Type.Matcher.V3.Matcher.Types.MatcherList.Types.Predicate.MatchTypeOneofCase;
using PredicateMessage = Xds.Type.Matcher.V3.Matcher.Types.MatcherList.Types.Predicate;
using SingleCase = Xds.Type.Matcher.V3.Matcher.Types.MatcherList.Types.Predicate.Types.SinglePredicate.MatcherOneofCase;
using SingleMessage = Xds.Type.Matcher.V3.Matcher.Types.MatcherList.Types.Predicate.Types.SinglePredicate;
using TypedConfig = Xds.Core.V3.TypedExtensionConfig;

namespace Weft.Proxy.Matching;

/// <summary>Compiles the predicates and inputs of matchers; what is wrong is reported, and gives null. Main thread.</summary>
/// <param name="scope">What is asked about.</param>
/// <param name="refuse">Says why an input is not allowed here; null: it is.</param>
internal sealed class PredicateCompiler(FactoryContext context, MatchScope scope, Func<IMessage, string?>? refuse)
{
    /// <summary>The message of an extension and what is made of it; null with a report when it cannot be made.</summary>
    public T? Create<T>(TypedConfig? extension, Func<IMessage, T?> make)
        where T : class
    {
        if (extension is null) return null; // The API's own rules report it.
        var config = context.Config.Unpack(extension.TypedConfig);
        if (config is null && extension.TypedConfig is { TypeUrl.Length: > 0 }) return null; // Reported when it was read.
        if (config is not null && make(config) is { } made) return made;
        context.Config.Error(extension, "typed_config", $"Didn't find a registered implementation for '{extension.Name}' with type URL: '{config?.Descriptor.FullName}'");
        return null;
    }

    public MatchInput? CreateInput(TypedConfig? extension)
    {
        var input = Create(extension, config => MatchInputRegistry.Create(config, scope));
        if (input is not null && refuse?.Invoke(context.Config.Unpack(extension!.TypedConfig)!) is { } reason)
            context.Config.Error(extension, "typed_config", reason);
        return input;
    }

    public Predicate? Create(PredicateMessage? config)
    {
        switch (config?.MatchTypeCase)
        {
            case MatchCase.SinglePredicate:
                return Create(config.SinglePredicate);
            case MatchCase.AndMatcher:
                return Create(config.AndMatcher.Predicate) is { } all ? new AndPredicate(all) : null;
            case MatchCase.OrMatcher:
                return Create(config.OrMatcher.Predicate) is { } any ? new OrPredicate(any) : null;
            case MatchCase.NotMatcher:
                return Create(config.NotMatcher) is { } inner ? new NotPredicate(inner) : null;
            default:
                return null; // The API's own rules report it.
        }
    }

    private SinglePredicate? Create(SingleMessage config)
    {
        if (CreateInput(config.Input) is not { } input || CreateMatcher(config, input) is not { } matcher) return null;
        if (input.DataType == matcher.InputType) return new SinglePredicate(input, matcher);
        context.Config.Error(config, "input", $"Unsupported data input type: {input.DataType}. The matcher supports input type: {matcher.InputType}");
        return null;
    }

    private Predicate[]? Create(RepeatedField<PredicateMessage> configs)
    {
        var predicates = configs.Select(Create).OfType<Predicate>().ToArray();
        return predicates.Length == configs.Count ? predicates : null;
    }

    private InputMatcher? CreateMatcher(SingleMessage config, MatchInput input) => config.MatcherCase switch
    {
        SingleCase.ValueMatch => new TextInputMatcher(StringMatcher.Create(config.ValueMatch, context.Config), config.ValueMatch.ToString()),
        SingleCase.CustomMatch => Create(config.CustomMatch, message => InputMatcherRegistry.Create(message, input, context)),
        _ => null, // The API's own rules report it.
    };
}

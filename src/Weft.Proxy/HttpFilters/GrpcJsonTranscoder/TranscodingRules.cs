using System.Text;
using Google.Api;
using Google.Protobuf.Reflection;
using Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Messages;
using Weft.Proxy.HttpFilters.GrpcJsonTranscoder.Paths;

namespace Weft.Proxy.HttpFilters.GrpcJsonTranscoder;

/// <summary>The rules of a service's methods, with all their bindings. Main thread.</summary>
internal static class TranscodingRules
{
    /// <param name="types">Has its messages.</param>
    /// <param name="service">Whose methods.</param>
    /// <param name="autoMapping">auto_mapping: methods without a rule are called by POST at their own path.</param>
    /// <param name="rules">Takes them.</param>
    /// <returns>What is wrong, in Envoy's words; null when nothing is.</returns>
    public static string? Add(MessageTypes types, ServiceDescriptor service, bool autoMapping, List<TranscodingRule> rules)
    {
        foreach (var method in service.Methods)
        {
            var path = $"/{service.FullName}/{method.Name}";
            var rule = method.GetOptions()?.GetExtension(AnnotationsExtensions.Http) ?? (autoMapping ? new HttpRule { Post = path, Body = "*" } : null);
            if (rule is not null && AddMethod(types, method, path, rule, rules) is { } error) return $"transcoding_filter: Cannot register '{method.FullName}'{error}";
        }

        return null;
    }

    private static string? AddMethod(MessageTypes types, MethodDescriptor source, string path, HttpRule rule, List<TranscodingRule> rules)
    {
        if (Resolve(types, source.OutputType, rule.ResponseBody, out var error) is not { } responseBody) return $": {error}";
        var method = new TranscodedMethod
        {
            Path = Encoding.UTF8.GetBytes(path),
            Input = source.InputType,
            Output = source.OutputType,
            IsClientStreaming = source.IsClientStreaming,
            IsServerStreaming = source.IsServerStreaming,
            ResponseBody = responseBody,
        };
        if (responseBody.Length > 0 && !method.IsRawResponse)
            return $": Setting \"response_body\" is not supported yet for non-HttpBody fields: {source.FullName}";
        foreach (var binding in rule.AdditionalBindings.Prepend(rule))
        {
            if (AddBinding(types, method, binding, rules) is { } fault) return fault;
        }

        return null;
    }

    private static string? AddBinding(MessageTypes types, TranscodedMethod method, HttpRule rule, List<TranscodingRule> rules)
    {
        var (httpMethod, path) = rule.PatternCase switch
        {
            HttpRule.PatternOneofCase.Get => ("GET", rule.Get),
            HttpRule.PatternOneofCase.Put => ("PUT", rule.Put),
            HttpRule.PatternOneofCase.Post => ("POST", rule.Post),
            HttpRule.PatternOneofCase.Delete => ("DELETE", rule.Delete),
            HttpRule.PatternOneofCase.Patch => ("PATCH", rule.Patch),
            HttpRule.PatternOneofCase.Custom => (rule.Custom.Kind, rule.Custom.Path),
            _ => ("", ""),
        };
        if (httpMethod.Length == 0) return null;
        if (PathTemplate.Parse(path) is not { } template) return " to path matcher";
        if (Resolve(types, method.Input, rule.Body, out var error) is not { } body) return $": {error}";
        var variables = new FieldDescriptor[template.Variables.Count][];
        for (var i = 0; i < variables.Length; i++)
        {
            if (FieldPathResolver.Resolve(types, method.Input, template.Variables[i].FieldPath, out error) is not { } fields) return $": {error}";
            variables[i] = fields;
        }

        rules.Add(new TranscodingRule { HttpMethod = httpMethod, Template = template, Variables = variables, Body = body, Method = method });
        return null;
    }

    private static FieldDescriptor[]? Resolve(MessageTypes types, MessageDescriptor type, string path, out string error)
    {
        error = "";
        return path is "" or "*" ? [] : FieldPathResolver.Resolve(types, type, path, out error);
    }
}

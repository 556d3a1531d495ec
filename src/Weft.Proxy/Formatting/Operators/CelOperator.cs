using Weft.Base.Buffers;
using Weft.Proxy.Expressions;

namespace Weft.Proxy.Formatting.Operators;

/// <summary>%CEL(expression):Z%, and %TYPED_CEL%, which in JSON has the type of its value.</summary>
internal sealed class CelOperator(CelExpression expression, int maxLength, bool isTyped) : FormatOperator
{
    public override bool IsTyped => isTyped;

    public override bool TryWrite(in FormatContext context, ByteWriter output)
    {
        var start = output.Length;
        if (!expression.TryWrite(context, output))
            return false;
        if (output.Length - start > maxLength)
            output.Truncate(start + maxLength);
        return true;
    }

    public override bool TryWriteJson(in FormatContext context, ByteWriter output)
    {
        if (!isTyped || (maxLength < int.MaxValue && expression.Evaluate(context).Kind == CelKind.String))
            return base.TryWriteJson(context, output);
        return expression.TryWriteJson(context, output);
    }
}
